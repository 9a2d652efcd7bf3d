#!/usr/bin/env bash
# jupyterhub-kubespawner 7.1.0: a named server has a volume of its own, and whether it goes with the server hangs on the
# letters "{user_server}".
#
# `pvc_name_template` is "claim-{user_server}", so a user's second server starts with an empty home and sees no file of
# the first; deleting that server deletes its volume, `delete_pvc` being True. Only a template without a server's name,
# such as "claim-{username}", shares the files. But `delete_forever` looks for the text "{user_server}" in the template,
# not at what it expands to: "claim-{username}--{servername}" gives the same names, and those volumes stay behind when
# their servers are deleted, logged as "shared". Shown without a cluster: names expanded, requests to delete recorded.
# Seen: claim-ada and claim-ada--second, deleted; the same two, none deleted; claim-ada twice, none deleted.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check jupyterhub-kubespawner==7.1.0 jupyterhub==6.1.1
cat > "$folder/cluster.yaml" <<'YAML'
{apiVersion: v1, kind: Config, current-context: none, clusters: [{name: none, cluster: {server: "http://127.0.0.1:9"}}],
 users: [{name: none, user: {}}], contexts: [{name: none, context: {cluster: none, user: none}}]}
YAML
env -u KUBERNETES_SERVICE_HOST KUBECONFIG="$folder/cluster.yaml" "$folder/env/bin/python" - <<'PY'
import asyncio
from types import SimpleNamespace

from kubespawner import KubeSpawner

deleted = []


class Spawner(KubeSpawner):
    async def _make_delete_pvc_request(self, pvc_name, request_timeout):
        deleted.append(pvc_name)
        return True


def server(name, **options):
    user = SimpleNamespace(name="ada", id=1, url="/user/ada/")
    return Spawner(_mock=True, user=user, orm_spawner=SimpleNamespace(name=name, server=None), **options)


async def claims(**options):
    default, named = server("", **options), server("second", **options)
    del deleted[:]
    await named.delete_forever()
    print(default.pvc_name_template, [default.pvc_name, named.pvc_name], "deleted with the named server:", deleted)
    return default.pvc_name, named.pvc_name, list(deleted)


async def main():
    own = "claim-ada", "claim-ada--second"
    assert await claims() == (*own, ["claim-ada--second"])
    assert await claims(pvc_name_template="claim-{username}--{servername}") == (*own, [])
    assert await claims(pvc_name_template="claim-{username}") == ("claim-ada", "claim-ada", [])


asyncio.run(main())
PY
