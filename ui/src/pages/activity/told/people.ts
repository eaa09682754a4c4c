// Who acted, as a name: principals are ids ("local:mara", "key:ci-deploy"), one's own is "you".

interface Me {
  principal: string;
  display_name: string;
}

export interface Actor {
  name: string;
  own: boolean;
}

const AT_HAND = /^(local|cli):/;

/** Whether two ids are the same user of this machine, at the page and at the command line. */
function sameUser(a: string, b: string): boolean {
  return AT_HAND.test(a) && AT_HAND.test(b) && a.replace(AT_HAND, "") === b.replace(AT_HAND, "");
}

export function personOf(principal: string, me: Me): Actor {
  if (principal === me.principal || principal === me.display_name || sameUser(principal, me.principal)) return { name: me.display_name, own: true };
  const colon = principal.indexOf(":");
  return { name: colon < 0 ? principal : principal.slice(colon + 1) || principal, own: false };
}
