/** Sign-in, the account, users and API keys. */
export const accounts = {
  'Copy the key now: it is not shown again.': '지금 키를 복사하십시오. 다시 표시되지 않습니다.',
  'Copy the password now: it is not shown again.': '지금 비밀번호를 복사하십시오. 다시 표시되지 않습니다.',
  Done: '완료',
  'The name {name} is in use already. Choose another name.': '{name}은(는) 이미 사용 중인 이름입니다. 다른 이름을 사용하십시오.',
  'There is no {name} in Redis. It may have been removed.': 'Redis에 {name}이(가) 없습니다. 삭제되었을 수 있습니다.',
  '{name} cannot be read with this POSTHOUSE_SECRET. Add the key that it was sealed with, or remove it.':
    '현재 POSTHOUSE_SECRET으로 {name}을(를) 읽을 수 없습니다. 봉인에 사용한 키를 추가하거나 삭제하십시오.',
  'Somebody else has changed {name} at the same time. Nothing was changed; look at it and try again.':
    '다른 사용자가 동시에 {name}을(를) 변경했습니다. 변경된 것이 없으니 확인한 뒤 다시 시도하십시오.',
  '{name} is one too many: the limit is reached. First remove one that is not used.':
    '최대 개수에 도달하여 {name}을(를) 만들 수 없습니다. 먼저 사용하지 않는 것을 삭제하십시오.',
  '{name} is the last admin. First make another user an admin.':
    '{name}은(는) 마지막 관리자입니다. 먼저 다른 사용자를 관리자로 지정하십시오.',

  // Sign-in.
  'Sign in': '로그인',
  'Wrong name or password': '이름 또는 비밀번호가 올바르지 않습니다',
  'There are no users yet': '아직 사용자가 없습니다',
  'Create the first one:': '첫 사용자를 만드십시오:',
  'or with a local user': '또는 로컬 사용자로 로그인',
  Password: '비밀번호',
  'No account? An admin of Posthouse makes one, on the page Users.':
    '계정이 없으십니까? Posthouse의 관리자가 사용자 페이지에서 만들 수 있습니다.',
  'Too many sign-in attempts in progress': '진행 중인 로그인 시도가 너무 많습니다',
  'Too many sign-in attempts': '로그인 시도가 너무 많습니다',
  'Try again in a moment.': '잠시 후 다시 시도하십시오.',
  'Try again in {seconds} s.': '{seconds}초 후에 다시 시도하십시오.',
  'Try again in {minutes} min.': '{minutes}분 후에 다시 시도하십시오.',
  'Signed in': '로그인',
  'Signed out': '로그아웃되었습니다',
  'You are signed out of this dashboard. At the provider of single sign-on you may still be signed in.':
    '이 대시보드에서 로그아웃했습니다. 통합 로그인 제공자에는 아직 로그인되어 있을 수 있습니다.',
  'Sign out of the provider too': '제공자에서도 로그아웃',
  'Sign in again': '다시 로그인',

  // Refused single sign-ons.
  'This sign-in was not started in this browser': '이 브라우저에서 시작하지 않은 로그인입니다',
  'It was used already, took too long, or is a link of somebody else. Sign in again.':
    '이미 사용했거나 시간이 너무 오래 걸렸거나 다른 사람의 링크입니다. 다시 로그인하십시오.',
  'This is the answer to another sign-in': '다른 로그인에 대한 응답입니다',
  'It may have been started in another tab. Sign in again.': '다른 탭에서 시작했을 수 있습니다. 다시 로그인하십시오.',
  'This sign-in was used already': '이미 사용한 로그인입니다',
  'Sign in again.': '다시 로그인하십시오.',
  'The sign-in was cancelled': '로그인이 취소되었습니다',
  'You or the provider denied it. Sign in again, or with a local user.':
    '사용자 또는 제공자가 거부했습니다. 다시 로그인하거나 로컬 사용자로 로그인하십시오.',
  'The provider refused the sign-in': '제공자가 로그인을 거부했습니다',
  'The log of the dashboard has the reason that it gave.': '제공자가 밝힌 이유는 대시보드 로그에 있습니다.',
  'The provider cannot be reached': '제공자에 연결할 수 없습니다',
  'Try again in a moment, or sign in with a local user.': '잠시 후 다시 시도하거나 로컬 사용자로 로그인하십시오.',
  'The provider gave an answer that is not OpenID Connect': '제공자의 응답이 OpenID Connect 형식이 아닙니다',
  'An administrator checks OIDC_ISSUER: the log of the dashboard has details.':
    '관리자가 OIDC_ISSUER를 확인해야 합니다. 자세한 내용은 대시보드 로그에 있습니다.',
  'Too many sign-ins in progress': '진행 중인 로그인이 너무 많습니다',
  'The provider does not accept this sign-in any more': '제공자가 이 로그인을 더 이상 받아들이지 않습니다',
  'It was used already, or took too long. Sign in again.': '이미 사용했거나 시간이 너무 오래 걸렸습니다. 다시 로그인하십시오.',
  'The provider does not know this dashboard': '제공자에 등록되지 않은 대시보드입니다',
  'An administrator checks OIDC_CLIENT_ID and OIDC_CLIENT_SECRET: the provider does not accept them.':
    '제공자가 OIDC_CLIENT_ID와 OIDC_CLIENT_SECRET을 받아들이지 않습니다. 관리자가 확인해야 합니다.',
  'The answer is from another issuer': '다른 발급자의 응답입니다',
  'An administrator sets OIDC_ISSUER to exactly what the provider states, with or without the slash at its end.':
    '관리자가 OIDC_ISSUER를 제공자가 밝힌 값과 끝의 슬래시까지 똑같이 설정해야 합니다.',
  'The answer is for another application': '다른 애플리케이션에 대한 응답입니다',
  'Sign in again. If it happens again, an administrator checks the provider: nobody is signed in with this answer.':
    '다시 로그인하십시오. 계속되면 관리자가 제공자를 확인해야 합니다. 이 응답으로는 로그인되지 않습니다.',
  'The answer belongs to another sign-in': '다른 로그인에 속한 응답입니다',
  'The answer of the provider is too old or not valid yet': '제공자의 응답이 너무 오래되었거나 아직 유효하지 않습니다',
  'Sign in again. If it happens again, an administrator compares the clocks of provider and dashboard.':
    '다시 로그인하십시오. 계속되면 관리자가 제공자와 대시보드의 시계를 비교해야 합니다.',
  'The answer of the provider has no valid signature': '제공자의 응답에 유효한 서명이 없습니다',
  'The answer of the provider is invalid': '제공자의 응답이 올바르지 않습니다',
  'The provider does not say who you are': '제공자가 사용자 이름을 알려 주지 않습니다',
  'An administrator sets OIDC_NAME_CLAIM to a claim that every user has, or adds the claim at the provider.':
    '관리자가 OIDC_NAME_CLAIM을 모든 사용자에게 있는 클레임으로 설정하거나 제공자에서 클레임을 추가해야 합니다.',
  'Your name cannot be used here': '이곳에서 사용할 수 없는 이름입니다',
  'It is too long, or has blanks or invisible characters. An administrator sets OIDC_NAME_CLAIM to another claim.':
    '너무 길거나 공백 또는 보이지 않는 문자가 있습니다. 관리자가 OIDC_NAME_CLAIM을 다른 클레임으로 설정해야 합니다.',
  'The provider has not verified your address': '제공자가 이메일 주소를 확인하지 않았습니다',
  'A claim email counts only where email_verified is true.': 'email 클레임은 email_verified가 true일 때만 사용됩니다.',
  'The provider does not say what you may do': '제공자가 권한을 알려 주지 않습니다',
  'An administrator checks OIDC_ROLE_CLAIM, and that the provider adds the claim to the ID token or to userinfo.':
    '관리자가 OIDC_ROLE_CLAIM을 확인하고, 제공자가 ID 토큰이나 userinfo에 클레임을 추가하는지 확인해야 합니다.',
  'You have no access to this dashboard': '이 대시보드에 접근할 수 없습니다',
  'An administrator maps one of your groups or roles in OIDC_ROLES.':
    '관리자가 OIDC_ROLES에서 사용자의 그룹이나 역할 중 하나를 연결해야 합니다.',

  // API keys.
  'Joined by +: send, read-own or read-all, content, act-own or act-all, metrics, from=<domain>, template=<name>, rate=<mails>/<s, min or h>':
    '+로 연결합니다: send, read-own 또는 read-all, content, act-own 또는 act-all, metrics, from=<도메인>, template=<이름>, rate=<통수>/<s, min 또는 h>',
  Rights: '권한',
  Created: '생성',
  'Last used': '마지막 사용',
  'Every API process knows a change within 2 s. Keys in API_KEYS are not listed.':
    '변경 사항은 2초 안에 모든 API 프로세스에 적용됩니다. API_KEYS의 키는 표시되지 않습니다.',
  'Some keys cannot be read with this POSTHOUSE_SECRET, and are not accepted':
    '현재 POSTHOUSE_SECRET으로 읽을 수 없는 키가 있으며, 이 키는 사용할 수 없습니다',
  'No API keys': 'API 키가 없습니다',
  'New API key': '새 API 키',
  'Name of the application': '애플리케이션 이름',
  Create: '만들기',
  'not used yet': '아직 사용하지 않음',
  'for 24 hours': '24시간 동안',
  'for 7 days': '7일 동안',
  'for an hour': '1시간 동안',
  'not at all': '즉시 만료',
  'The previous key ends': '이전 키 만료',
  'Show mails': '메일 보기',
  'This key may': '이 키의 권한',
  Save: '저장',
  Rotate: '키 교체',
  'The key gets a new text. Its name, rights and mails stay.': '키 값이 새로 바뀝니다. 이름, 권한, 메일은 그대로 유지됩니다.',
  'The present key stays valid': '현재 키의 유효 기간',
  'Revoke…': '폐기…',
  Revoke: '폐기',
  'Revoke the API key {name}?': 'API 키 {name}을(를) 폐기하시겠습니까?',
  'Requests with it are refused from then on. Mails that it has sent stay, and those that wait are sent.':
    '이후 이 키를 사용한 요청은 거부됩니다. 이미 보낸 메일은 유지되며 대기 중인 메일은 발송됩니다.',
  '1 to 64 letters, digits, dots, dashes and underscores': '영문자, 숫자, 점, 하이픈, 밑줄 1–64자',
  'Unknown overlap': '알 수 없는 유효 기간입니다',
  'Nothing was changed. Choose one of the list.': '변경된 것이 없습니다. 목록에서 선택하십시오.',
  'The previous key ends within 2 s.': '이전 키는 2초 안에 만료됩니다.',
  'The previous key stays valid {period}.': '이전 키는 {period} 유효합니다.',
  'API key not found': 'API 키를 찾을 수 없습니다',
  'There is no API key of this name in Redis. It may have been revoked.': 'Redis에 이 이름의 API 키가 없습니다. 폐기되었을 수 있습니다.',
  'New API key for {name}': '{name}의 새 API 키',
  'Store it with the secrets of {name}.': '{name}의 비밀 값을 보관하는 곳에 저장하십시오.',
  'Not valid: {issues}.': '올바르지 않습니다: {issues}.',
  'The API key was not changed': 'API 키를 변경하지 않았습니다',

  // Users.
  '{min} to {max} characters': '{min}–{max}자',
  '{min} to {max} characters; empty: one is generated': '{min}–{max}자, 비워 두면 자동으로 생성됩니다',
  Role: '역할',
  'Last sign-in': '마지막 로그인',
  'A change counts at the user’s next request. Users of DASHBOARD_USERS are changed there.':
    '변경 사항은 사용자의 다음 요청부터 적용됩니다. DASHBOARD_USERS의 사용자는 그곳에서 변경합니다.',
  'Some users cannot be read with this POSTHOUSE_SECRET, and cannot sign in':
    '현재 POSTHOUSE_SECRET으로 읽을 수 없어 로그인할 수 없는 사용자가 있습니다',
  'Some users in Redis cannot sign in, because DASHBOARD_USERS has their names':
    'DASHBOARD_USERS에 같은 이름이 있어 로그인할 수 없는 Redis 사용자가 있습니다',
  'New user': '새 사용자',
  'The user can sign in with the password until it is replaced, and can do nothing else before that.':
    '사용자는 이 비밀번호로 로그인한 뒤 비밀번호를 바꾸어야 다른 작업을 할 수 있습니다.',
  'To sign in with, such as anne': '로그인에 사용합니다. 예: anne',
  'Such as signup-service': '예: signup-service',
  'remove…': '삭제…',
  'in DASHBOARD_USERS': 'DASHBOARD_USERS에 있음',
  'not yet': '아직 없음',
  'has to choose a password': '비밀번호를 바꾸어야 함',
  'User {name}': '사용자 {name}',
  'has to be replaced by the user': '사용자가 바꾸어야 함',
  'This user is in DASHBOARD_USERS': 'DASHBOARD_USERS에 있는 사용자입니다',
  'Role and password are changed there, and the dashboard is restarted. Sessions can be ended here.':
    '역할과 비밀번호는 그곳에서 변경하고 대시보드를 다시 시작합니다. 세션은 여기에서 종료할 수 있습니다.',
  Sessions: '세션',
  'End all': '모두 종료',
  'This user is': '이 사용자의 역할',
  'Reset password': '비밀번호 재설정',
  'The sessions of the user end. The user can sign in with the new password until it is replaced, and can do nothing else before that.':
    '사용자의 세션이 종료됩니다. 사용자는 새 비밀번호로 로그인한 뒤 비밀번호를 바꾸어야 다른 작업을 할 수 있습니다.',
  'New password': '새 비밀번호',
  Reset: '재설정',
  'Remove user…': '사용자 삭제…',
  Remove: '삭제',
  'Remove the user {name}?': '사용자 {name}을(를) 삭제하시겠습니까?',
  'The sessions of the user end. What the user did stays in the audit log.':
    '사용자의 세션이 종료됩니다. 사용자가 한 작업은 감사 기록에 남습니다.',
  'DASHBOARD_USERS has this name': 'DASHBOARD_USERS에 있는 이름입니다',
  'User not found': '사용자를 찾을 수 없습니다',
  'There is no user of this name. It may have been removed.': '이 이름의 사용자가 없습니다. 삭제되었을 수 있습니다.',
  '{name} can sign in with it until it is replaced, and can do nothing else before that.':
    '{name} 사용자는 이 비밀번호로 로그인한 뒤 비밀번호를 바꾸어야 다른 작업을 할 수 있습니다.',
  'Password for {name}': '{name}의 비밀번호',
  'A password has {min} to {max} characters.': '비밀번호는 {min}–{max}자여야 합니다.',
  'Unknown role': '알 수 없는 역할입니다',
  'The user was not changed': '사용자를 변경하지 않았습니다',

  // Account and sessions.
  Account: '계정',
  'The password is changed. Your other sessions have ended.': '비밀번호를 변경했습니다. 다른 세션은 종료되었습니다.',
  'Choose a password of your own to go on': '계속하려면 비밀번호를 바꾸십시오',
  'Somebody else knows the present one.': '다른 사람이 현재 비밀번호를 알고 있습니다.',
  'End all others': '다른 세션 모두 종료',
  'You sign in with your account at the provider of single sign-on, which keeps your password and your role.':
    '통합 로그인 제공자의 계정으로 로그인하며, 비밀번호와 역할은 그곳에서 관리합니다.',
  'Your password is kept in DASHBOARD_USERS. To change it, print a new entry, set it there, and restart the dashboard:':
    '비밀번호는 DASHBOARD_USERS에 있습니다. 변경하려면 새 항목을 출력하여 그곳에 설정하고 대시보드를 다시 시작하십시오:',
  'Present password': '현재 비밀번호',
  'New password again': '새 비밀번호 확인',
  'Change password': '비밀번호 변경',
  'Session not found': '세션을 찾을 수 없습니다',
  'It may have ended already.': '이미 종료되었을 수 있습니다.',
  'The password is not kept in Redis': '비밀번호가 Redis에 있지 않습니다',
  'The page Account says where it is kept and how to change it.': '비밀번호의 위치와 변경 방법은 계정 페이지에 있습니다.',
  'Not the same as above': '위와 같지 않습니다',
  'Wrong password': '비밀번호가 올바르지 않습니다',
  'The same as the present password': '현재 비밀번호와 같습니다',
  'The password was not changed': '비밀번호를 변경하지 않았습니다',
  'No sessions': '세션이 없습니다',
  User: '사용자',
  'Network address': '네트워크 주소',
  Browser: '브라우저',
  Action: '작업',
  'End session': '종료',
  'This session': '현재 세션',
  'Unknown browser': '알 수 없는 브라우저',
};
