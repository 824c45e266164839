"""What a person looks for on the screen, by the words of the documents; the Japanese as the pages say it."""

WORDS: dict[str, str] = {
    "Common ID": "共通ID",
    "Password": "パスワード",
    "Sign in": "サインイン",
    "Next": "次へ",
    "More information required": "詳細情報が必要",
    "I want to use a different authenticator app": "別の認証アプリを使用します",
    "I want to use a different method": "別の方法を設定します",
    "Set up your account": "アカウントのセットアップ",
    "Start by getting the app": "最初にアプリを取得します",
    "Which method would you like to use?": "どの方法を使用しますか?",
    "Which method would you like to add?": "どの方法を追加しますか?",
    "What phone number would you like to use?": "どの電話番号を使用しますか?",
    "Authenticator app": "認証アプリ",
    "Phone": "電話",
    "Country code": "国番号",
    "Phone number": "電話番号",
    "Call me": "電話する",
    "Answer the call": "電話に応答してください",
    "Text me a code": "コードをSMSで送信する",
    "Add": "追加",
    "Add method": "サインイン方法の追加",
    "6-digit code": "6桁のコード",
    "Email address": "メールアドレス",
    "Succeeded": "成功",
    "Done": "完了",
    "Verify": "確認",
    "Security info": "セキュリティ情報",
    "Use a different verification option": "別の確認オプションを使用する",
    "You signed out of your account": "アカウントからサインアウトしました",
    "You signed in with MFA.": "多要素認証でサインインしました。",
    "multi-factor authentication setting": "多要素認証設定",
    "Use MFA": "多要素認証を利用する",
    "Yes": "はい",
    "SAVE": "保存",
}


def words(language: str, english: str) -> str:
    """The words on the screen in this language."""
    return WORDS[english] if language == "ja" else english
