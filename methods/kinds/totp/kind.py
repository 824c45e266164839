from methods.contract import MethodKind


class TotpKind(MethodKind):
    code = "totp"
