from methods.contract import MethodKind


class PhoneKind(MethodKind):
    code = "phone"
