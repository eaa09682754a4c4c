// Who acted, as a name: principals are ids ("local:mara", "key:ci-deploy"), one's own is "you".

interface Me {
  principal: string;
  display_name: string;
}

export interface Actor {
  name: string;
  own: boolean;
}

export function personOf(principal: string, me: Me): Actor {
  if (principal === me.principal || principal === me.display_name) return { name: me.display_name, own: true };
  const colon = principal.indexOf(":");
  return { name: colon < 0 ? principal : principal.slice(colon + 1) || principal, own: false };
}
