#pragma once
// A plan with every kind (but postgres, which has tests of its own) and every verb in several
// forms.

namespace backout::tests {

inline constexpr const char* kEveryKind = R"(backout: 1
name: every kind
services:
  hook: {kind: webhook, event: call, to: api, fields: [id, text], url: "https://old.example"}
  settings: {kind: config, items: {mode: fast, .hidden: kept}, read_by: [api, web], needs_restart: true}
  env: {kind: config, items: {key: one}}
  flags: {kind: flags, flags: {new_ui: false}, overrides: {acme: {new_ui: true}}, cache_ttl: 5m, stored_in: memory, table: flags}
  repo: {kind: git, branch: main, head: v1, before: v0}
  web:
    kind: vercel
    versions: {v0: {}, v1: {}, v2: {}}
    start: v1
    deploys_on: {service: repo, branch: main}
  api:
    kind: app
    uses: [memory, points]
    instances: 2
    versions:
      v0: {accepts: {call: [id]}}
      v1: {accepts: {call: [id]}, operations: {save: {write: item, on: memory}, embed: {write: item, on: points}}}
      v2: {accepts: {call: [sid]}, operations: {ui: {flag: new_ui, on: flags}}}
    start: v1
  unit: {kind: systemd, versions: {v0: {}, v1: {}, v2: {}}, start: v1}
  box: {kind: railway, versions: {v0: {}, v1: {}, v2: {}}, start: v1}
  site: {kind: render, versions: {v0: {}, v1: {}, v2: {}}, start: v1}
  edge: {kind: fly, versions: {v0: {}, v1: {}, v2: {}}, start: v1}
  blue: {kind: docker, versions: {v1: {}, v2: {}}, start: v1, images: [v1]}
  green: {kind: docker, versions: {v1: {}, v2: {}}, start: v1, images: [v1]}
  pods: {kind: kubernetes, versions: {v1: {}, v2: {}}, start: v1, instances: 3}
  chart: {kind: helm, instances: 2, versions: {v1: {objects: [cm]}, v2: {}}, start: v1}
  steps: {kind: rollout, steps: [5, 50], versions: {v0: {}, v1: {}, v2: {hook: {sets: {my.schema.tables.b.y: bigint}}}}, start: v1}
  tasks: {kind: ecs, instances: 2, circuit_breaker: true, versions: {v1: {}, v2: {}}, start: v1}
  lambda: {kind: serverless, versions: {v0: {}, v1: {}, v2: {}}, start: v1, history: [v0, v1]}
  dyno: {kind: heroku, versions: {v0: {}, v1: {}, v2: {}}, start: v1}
  node: {kind: pm2, versions: {v1: {}, v2: {}}, start: v1}
  stack: {kind: compose, versions: {v1: {objects: [web]}, v2: {objects: [web, worker]}}, start: v1}
  argo: {kind: gitops, repo: repo, apps: pods, auto_sync: true, self_heal: true}
  standby: {kind: replica, of: my}
  places: {kind: region, places: [tasks, chart, group], bears: 50}
  group: {kind: codedeploy, versions: {v1: {}, v2: {}}, start: v1, stop_hook_fails: [v2]}
  my: {kind: mysql, engine: "8.0.36", schema: {tables.a.x: int, tables.b.y: int}}
  mongo: {kind: mongodb, engine: "6.0", schema: {users.name: string}}
  other: {kind: cassandra, engine: "4.0", file_formats: {"4.0": a, "4.1": b}, schema: {users.name: text}}
  dynamo: {kind: dynamodb, schema: {key: id}}
  zone: {kind: dns, records: {www: "1.1.1.1"}, ttl: 5m}
  cert: {kind: certificate, current: c1, expired: [c0], expires: {c1: 90d}}
  key: {kind: secret, current: k1, valid: [k0]}
  infra: {kind: terraform, resources: {db: small, net: a, dir: b}, drift: {net: z}, stateful: [db], replaced_on_change: [dir], prevent_destroy: [net], name_kept: [db]}
  infra2: {kind: terraform, resources: {lb: a, ip: b, task: c}, replaced_on_change: [lb, ip], create_before_destroy: [lb], fixed_name: [lb], ignore_changes: [task]}
  cfn: {kind: cloudformation, resources: {fn: a, q: b, s: c, d: e}, stateful: [s], retained: [q], replaced_on_change: [s], retired: {fn: [a]}, deleted: [d]}
  cfn_set: {kind: cloudformation, resources: {one: a, two: b}, replaced_on_change: [two], fixed_name: [two]}
  hooked: {kind: kubernetes, ordered: true, instances: 2, versions: {v1: {hook: {needs: {my.schema.tables.a.x: [int]}}}, v2: {hook: {sets: {my.schema.tables.a.x: bigint}}}}, start: v1}
  behind: {kind: kubernetes, versions: {v1: {}, v2: {}}, start: v1}
  in_order: {kind: gitops, repo: repo, apps: [behind, hooked], waves: [hooked, behind], auto_sync: false}
  crowded: {kind: cache, holds: [login], rebuilds: false, persistence: rdb, eviction: all, fills: [feed]}
  tidy_infra: {kind: terraform, resources: {one: a, two: b}}
  photos: {kind: object_store, holds: [jpg], versioning: true, older_kept: 30d, foreign: miss}
  raw: {kind: object_store, replica: keeps, holds: [csv]}
  search: {kind: search_index, engine: "7.17.3", indexes: {i1: m1}, alias: i1}
  phones: {kind: client, versions: {v1: {keeps: d1, writes: {photos: jpg}}, v2: {keeps: d2, opens: [d1, d2], operations: {doc: {write: doc, on: search}, row: {write: row, on: my}}, writes: {photos: webp}, reads: {photos: ["*"]}}}, start: v1}
  lb: {kind: load_balancer, sides: {blue: blue, green: green}, live: blue}
  jobs: {kind: workers, uses: [memory]}
  sessions: {kind: cache, holds: [java], ttl: 30m, rebuilds: false, persistence: rdb, engine: "7.0", file_formats: {"7.0": "10", "7.2": "11"}}
  pages: {kind: cache, rebuilds: true, persistence: none, engine: "7.0", bears_cold: 20}
  mails: {kind: queue, engine: "3.4", holds: [m1], keeps_taken: true, foreign: dead_letter}
  orders: {kind: queue, kept_back: 1d, schemas: [o1, o2], compatibility: forward}
  mailer:
    kind: workers
    instances: 2
    versions: {v1: {takes: {mails: [m1]}, puts: {orders: o1}, writes: {sessions: java}}, v2: {takes: {mails: [m1, m2]}, puts: {orders: o2, mails: m2}, writes: {sessions: json, crowded: feed}, reads: {sessions: [java, json]}}}
    start: v1
  executor: {kind: workers, runs_apart: true, versions: {v1: {takes: {mails: [m1]}}, v2: {takes: {mails: [m1, m2]}}}, start: v1}
  nightly_job: {kind: cron, versions: {v1: {takes: {orders: o1}}, v2: {takes: {orders: [o1, o2]}}}, start: v1}
  strict: {kind: ci, older_runs: refused}
  pipeline: {kind: ci, artefacts: {unit: [v1], tasks: [v1, v2]}}
  jump: {kind: deployer, uses: [pipeline]}
  robot: {kind: controller, reconciles: {what: env, from: {items.key: one}, every: 1m}}
  edge_copies: {kind: cdn, fronts: [site], rules: {cookies: never}}
  assets: {kind: cdn, fronts: [site], immutable: true, rules: {age: 1h}}
  maint: {kind: maintenance, via: lb, state_in: memory, fronts: [api]}
  memory: {kind: sqlite, wal: true, tables: {people: 3, items: 9}, in: box}
  plain: {kind: sqlite, tables: {notes: 1}}
  points: {kind: vector_store, engine: "1.7", file_formats: {"1.7": a, "1.8": b}, collections: [faces], follows: memory}
  vault: {kind: backup_store, holds: {nightly: {of: memory, age: 1d}}}
  mon: {kind: monitor, metrics: {error_rate: percent}, via: lb}
  chat: {kind: notifier, channel: "#ops"}
  people: {kind: manual}
backups:
  nightly: {of: memory, age: 20h}
  weekly: {of: points, age: 7d}
  good: {of: settings}
deploy:
  steps:
    - {id: hook_set, do: set, target: hook, fields: [sid, text]}
    - {id: hook_move, do: set, target: hook, url: "https://new.example", events: [call, hangup]}
    - {id: hook_pause, do: pause, target: hook}
    - {id: hook_resume, do: resume, target: hook}
    - {id: hook_replay, do: replay, target: hook, since: yesterday}
    - {id: hook_test, do: test_event, target: hook}
    - {id: settings_set, do: set, target: settings, key: mode, value: slow}
    - {id: settings_add, do: set, target: settings, key: extra, value: "1"}
    - {id: settings_unset, do: unset, target: settings, key: mode}
    - {id: settings_backup, do: backup, target: settings, file: before}
    - {id: settings_restore, do: restore, target: settings, from: good}
    - {id: settings_latest, do: restore, target: settings, from: latest, backup_first: true}
    - {id: settings_visible, do: restore, target: settings, from: before, removes: visible}
    - {id: settings_reload, do: reload, target: settings}
    - {id: env_set, do: set, target: env, key: key, value: two}
    - {id: env_reload, do: reload, target: env}
    - {id: flag_on, do: set, target: flags, key: new_ui, enabled: true}
    - {id: flag_off, do: set, target: flags, key: new_ui, enabled: true, rollout: 0}
    - {id: flag_new, do: set, target: flags, key: other, enabled: true}
    - {id: flag_unset, do: unset, target: flags, key: new_ui}
    - {id: flag_override, do: override, target: flags, key: new_ui, org: beta, enabled: true}
    - {id: flag_clear_override, do: clear_override, target: flags, key: new_ui, org: acme}
    - {id: flag_clear, do: clear_cache, target: flags}
    - {id: git_commit, do: commit, target: repo, version: v2}
    - {id: git_revert, do: revert, target: repo, commit: HEAD}
    - {id: git_reset, do: reset, target: repo, to: v0}
    - {id: git_back, do: reset, target: repo, to: HEAD~1}
    - {id: git_checkout, do: checkout, target: repo, ref: v0}
    - {id: git_attach, do: checkout, target: repo, ref: main}
    - {id: git_push, do: push, target: repo}
    - {id: git_force, do: push, target: repo, force: true}
    - {id: web_deploy, do: deploy, target: web, version: v2}
    - {id: web_rollback, do: rollback, target: web, to: v0}
    - {id: web_previous, do: rollback, target: web, to: previous}
    - {id: web_promote, do: promote, target: web, to: v2}
    - {id: web_redeploy, do: redeploy, target: web, to: v1}
    - {id: api_deploy, do: deploy, target: api, version: v2}
    - {id: api_restart, do: restart, target: api}
    - {id: api_stop, do: stop, target: api}
    - {id: api_start, do: start, target: api}
    - {id: api_close, do: stop_intake, target: api}
    - {id: api_open, do: resume_intake, target: api}
    - {id: api_probe, do: probe, target: api, path: /health, expect: 200}
    - {id: api_version, do: probe, target: api, path: /health, version: v2}
    - {id: api_look, do: probe, target: api, path: /health}
    - {id: api_send, do: probe, target: api, send: {id: 1}, expect: 200}
    - {id: api_rollback, do: rollback, target: api, to: v0}
    - {id: api_redeploy, do: redeploy, target: api}
    - {id: unit_deploy, do: deploy, target: unit, version: v2}
    - {id: unit_rollback, do: rollback, target: unit}
    - {id: unit_restart, do: restart, target: unit}
    - {id: box_deploy, do: deploy, target: box, version: v2}
    - {id: box_rollback, do: rollback, target: box}
    - {id: box_redeploy, do: redeploy, target: box, to: v0}
    - {id: box_run, do: run, target: box, command: cp a b}
    - {id: box_ssh, do: run, target: box, where: ssh}
    - {id: box_down, do: down, target: box}
    - {id: box_up, do: up, target: box}
    - {id: box_up_ref, do: up, target: box, from: ref, version: v2}
    - {id: box_start, do: start, target: box}
    - {id: site_rollback, do: rollback, target: site, to: v0}
    - {id: site_redeploy, do: redeploy, target: site, to: v0}
    - {id: edge_rollback, do: rollback, target: edge, to: v0}
    - {id: edge_deploy, do: deploy, target: edge, version: v0}
    - {id: blue_pull, do: pull, target: blue, version: v2}
    - {id: blue_stop, do: stop, target: blue}
    - {id: blue_start, do: start, target: blue}
    - {id: blue_remove, do: remove, target: blue}
    - {id: blue_run, do: run, target: blue, version: v2}
    - {id: blue_up, do: compose_up, target: blue, version: v2}
    - {id: blue_down, do: compose_down, target: blue}
    - {id: pods_image, do: set_image, target: pods, version: v2}
    - {id: pods_undo, do: rollout_undo, target: pods}
    - {id: pods_undo_to, do: rollout_undo, target: pods, to_revision: v1}
    - {id: pods_status, do: rollout_status, target: pods}
    - {id: pods_none, do: scale, target: pods, replicas: 0}
    - {id: pods_five, do: scale, target: pods, replicas: 5}
    - {id: pods_apply, do: apply, target: pods, what: [configmap]}
    - {id: pods_probe, do: exec_probe, target: pods, expect: 200}
    - {id: pods_upgrade, do: upgrade, target: pods, version: v2}
    - {id: pods_rollback, do: rollback, target: pods}
    - {id: pods_stop, do: stop, target: pods}
    - {id: chart_up, do: upgrade, target: chart, version: v2, wait: true}
    - {id: chart_back, do: rollback, target: chart, revision: v1}
    - {id: chart_previous, do: rollback, target: chart}
    - {id: chart_gone, do: uninstall, target: chart}
    - {id: steps_begin, do: set_image, target: steps, version: v2}
    - {id: steps_deploy, do: deploy, target: steps, version: v0}
    - {id: steps_next, do: promote, target: steps}
    - {id: steps_full, do: promote, target: steps, full: true}
    - {id: steps_abort, do: abort, target: steps}
    - {id: steps_undo, do: undo, target: steps}
    - {id: tasks_deploy, do: deploy, target: tasks, version: v2}
    - {id: tasks_update, do: update_service, target: tasks, version: v1}
    - {id: tasks_scale, do: scale, target: tasks, replicas: 3}
    - {id: tasks_gone, do: deregister, target: tasks, version: v1}
    - {id: lambda_publish, do: publish, target: lambda, version: v2}
    - {id: lambda_tenth, do: shift, target: lambda, to: v2, percent: 10}
    - {id: lambda_all, do: shift, target: lambda, to: v2}
    - {id: lambda_none, do: shift, target: lambda, to: v2, percent: 0}
    - {id: lambda_back, do: rollback, target: lambda, to: v0}
    - {id: lambda_delete, do: delete_version, target: lambda, version: v0}
    - {id: dyno_deploy, do: deploy, target: dyno, version: v2}
    - {id: dyno_back, do: rollback, target: dyno, to: v1}
    - {id: node_deploy, do: deploy, target: node, version: v2}
    - {id: node_back, do: rollback, target: node, to: v1}
    - {id: node_save, do: save, target: node}
    - {id: node_reboot, do: reboot, target: node}
    - {id: stack_deploy, do: deploy, target: stack, version: v2}
    - {id: stack_up, do: up, target: stack, version: v1}
    - {id: stack_clean, do: up, target: stack, version: v1, remove_orphans: true}
    - {id: stack_down, do: down, target: stack}
    - {id: stack_volumes, do: down, target: stack, volumes: true}
    - {id: argo_suspend, do: suspend, target: argo}
    - {id: argo_resume, do: resume, target: argo}
    - {id: argo_sync, do: sync, target: argo}
    - {id: argo_rollback, do: rollback, target: argo, to: v1}
    - {id: my_add, do: change, target: my, set: {tables.a.z: text, tables.c.w: int}, transaction: true}
    - {id: my_alter, do: change, target: my, set: {tables.a.x: bigint}}
    - {id: my_drop, do: change, target: my, drop: [tables.b]}
    - {id: my_drop_maybe, do: change, target: my, drop: tables.b.y, if_exists: true}
    - {id: my_unknown, do: change, target: my, text: CALL fix}
    - {id: my_unique, do: change, target: my, set: {indexes.a_x: unique}, in_the_way: [row]}
    - {id: lb_swap, do: apply, target: infra2, set: {lb: z, task: q}}
    - {id: ip_swap, do: apply, target: infra2, set: {ip: z}}
    - {id: task_only, do: apply, target: infra2, set: {task: q}}
    - {id: cfn_update, do: update, target: cfn, set: {fn: n, s: m}, remove: [q]}
    - {id: cfn_small, do: update, target: cfn, set: {s: m, n: new}}
    - {id: cfn_q, do: update, target: cfn, set: {q: b}}
    - {id: cfn_d, do: update, target: cfn, set: {d: f}}
    - {id: cfn_go_on, do: continue_rollback, target: cfn, skip: [fn]}
    - {id: cfn_import, do: import, target: cfn, resources: [q]}
    - {id: cfn_drift, do: detect_drift, target: cfn}
    - {id: cfn_one, do: update, target: cfn_set, set: {one: z}}
    - {id: cfn_two, do: update, target: cfn_set, set: {two: z}}
    - {id: cfn_three, do: update, target: cfn_set, set: {three: z}, remove: [one]}
    - {id: hooked_up, do: upgrade, target: hooked, version: v2}
    - {id: hooked_deploy, do: deploy, target: hooked, version: v1}
    - {id: hooked_image, do: set_image, target: hooked, version: v1}
    - {id: hooked_restart, do: restart, target: hooked}
    - {id: hooked_pods, do: delete_pods, target: hooked}
    - {id: order_on, do: resume, target: in_order}
    - {id: order_sync, do: sync, target: in_order, revision: v2}
    - {id: order_back, do: rollback, target: in_order, to: v1}
    - {id: crowded_policy, do: set_eviction, target: crowded, policy: none}
    - {id: strict_run, do: run, target: strict, app: unit, version: v2, wait: true}
    - {id: strict_again, do: rerun, target: strict, app: unit, version: v1, wait: true}
    - {id: executor_pause, do: pause, target: executor}
    - {id: executor_stop, do: stop, target: executor}
    - {id: executor_drain, do: stop, target: executor, drain: true}
    - {id: executor_go, do: resume, target: executor}
    - {id: executor_deploy, do: deploy, target: executor, version: v2}
    - {id: executor_back, do: rollback, target: executor, to: v1}
    - {id: phones_revert, do: revert, target: phones, to: v1}
    - {id: my_nothing, do: change, target: my, effects: none}
    - {id: my_dump, do: backup, target: my, file: d, method: mysqldump}
    - {id: my_copy, do: backup, target: my, file: x, method: xtrabackup}
    - {id: my_restore, do: restore, target: my, from: d}
    - {id: my_restore_all, do: restore, target: my, from: x}
    - {id: my_newer, do: upgrade, target: my, engine: "8.4.2"}
    - {id: my_older, do: upgrade, target: my, engine: "8.0.35"}
    - {id: my_empty, do: upgrade, target: my, engine: "8.0.35", empty: true}
    - {id: mongo_newer, do: upgrade, target: mongo, engine: "7.0"}
    - {id: mongo_final, do: finalize, target: mongo}
    - {id: mongo_lower, do: finalize, target: mongo, to: "5.0"}
    - {id: mongo_change, do: change, target: mongo, set: {users.name: object}}
    - {id: mongo_dump, do: backup, target: mongo, file: m}
    - {id: mongo_restore, do: restore, target: mongo, from: m}
    - {id: other_change, do: change, target: other, set: {users.mail: text}}
    - {id: other_save, do: backup, target: other, file: o, method: snapshot}
    - {id: other_restore, do: restore, target: other, from: o}
    - {id: other_newer, do: upgrade, target: other, engine: "4.1"}
    - {id: other_final, do: finalize, target: other}
    - {id: dynamo_change, do: change, target: dynamo, set: {index: by_day}}
    - {id: dynamo_backup, do: backup, target: dynamo, file: b}
    - {id: dynamo_restore, do: restore, target: dynamo, from: b}
    - {id: dynamo_beside, do: restore, target: dynamo, from: b, as: again}
    - {id: zone_wait, do: wait_ttl, target: zone, record: www}
    - {id: pages_warm, do: warm, target: pages}
    - {id: zone_set, do: set, target: zone, record: www, value: "2.2.2.2"}
    - {id: zone_new, do: set, target: zone, record: api, value: "3.3.3.3"}
    - {id: zone_remove, do: remove, target: zone, record: www}
    - {id: cert_new, do: install, target: cert, serial: c2}
    - {id: cert_old, do: install, target: cert, serial: c0}
    - {id: cert_revoke, do: revoke, target: cert, serial: c1}
    - {id: key_rotate, do: rotate, target: key, to: k2, keep_old: 1h}
    - {id: key_cut, do: rotate, target: key, to: k2, keep_old: false}
    - {id: key_unsaid, do: rotate, target: key, to: k3}
    - {id: key_back, do: make_current, target: key, to: k0}
    - {id: key_anew, do: reencrypt, target: key}
    - {id: key_off, do: disable, target: key, version: k1}
    - {id: key_on, do: enable, target: key, version: k0}
    - {id: key_destroy, do: destroy, target: key, version: k1}
    - {id: key_delete, do: delete, target: key}
    - {id: key_delete_force, do: delete, target: key, force: true}
    - {id: key_undelete, do: undelete, target: key}
    - {id: key_create, do: create, target: key, version: k1}
    - {id: infra_plan, do: plan, target: infra}
    - {id: infra_set, do: apply, target: infra, set: {db: large}}
    - {id: infra_dir, do: apply, target: infra, set: {dir: c, extra: a}}
    - {id: infra_replace, do: apply, target: infra, replace: [db]}
    - {id: infra_destroy, do: apply, target: infra, destroy: [db]}
    - {id: infra_net, do: apply, target: infra, destroy: [net]}
    - {id: infra_unlock, do: force_unlock, target: infra}
    - {id: infra_state, do: restore_state, target: infra}
    - {id: tidy_set, do: apply, target: tidy_infra, set: {one: c, three: d}}
    - {id: tidy_less, do: apply, target: tidy_infra, destroy: [two]}
    - {id: photos_delete, do: delete, target: photos, format: webp}
    - {id: photos_undelete, do: undelete, target: photos}
    - {id: raw_gone, do: delete, target: raw}
    - {id: raw_back, do: copy_replica, target: raw}
    - {id: photos_convert, do: convert, target: photos, to: webp}
    - {id: photos_backup, do: backup, target: photos, file: p}
    - {id: photos_restore, do: restore, target: photos, from: p, delete: true}
    - {id: raw_delete, do: delete, target: raw}
    - {id: raw_convert, do: convert, target: raw, to: parquet}
    - {id: search_create, do: create, target: search, index: i2, mapping: m2}
    - {id: search_reindex, do: reindex, target: search, from: i1, to: i2}
    - {id: search_switch, do: switch_alias, target: search, to: i2}
    - {id: search_back, do: switch_alias, target: search, to: i1}
    - {id: search_delete, do: delete_index, target: search, index: i1}
    - {id: search_snapshot, do: snapshot, target: search, file: s}
    - {id: search_newer, do: upgrade, target: search, engine: "8.11.0"}
    - {id: search_older, do: upgrade, target: search, engine: "7.17.2"}
    - {id: search_empty, do: upgrade, target: search, engine: "7.17.2", empty: true}
    - {id: search_restore, do: restore, target: search, from: s, as: i3}
    - {id: phones_release, do: release, target: phones, version: v2}
    - {id: phones_withdraw, do: withdraw, target: phones, to: v1}
    - {id: phones_force, do: force_update, target: phones, version: v2}
    - {id: standby_pause, do: pause_replay, target: standby}
    - {id: standby_resume, do: resume_replay, target: standby}
    - {id: standby_promote, do: promote, target: standby}
    - {id: standby_dump, do: backup, target: standby, file: dump_of_standby}
    - {id: standby_back, do: fail_back, target: standby}
    - {id: standby_sequences, do: copy_sequences, target: standby}
    - {id: standby_schema, do: apply_schema, target: standby}
    - {id: places_deploy, do: deploy, target: places, version: v2}
    - {id: standby_resync, do: resync, target: standby}
    - {id: places_drain, do: drain, target: places, place: tasks}
    - {id: places_drain_more, do: drain, target: places, place: chart}
    - {id: places_enable, do: enable, target: places, place: tasks}
    - {id: places_enable_more, do: enable, target: places, place: chart}
    - {id: group_deploy, do: deploy, target: group, version: v2}
    - {id: group_back, do: redeploy, target: group, version: v1}
    - {id: group_force, do: redeploy, target: group, version: v1, ignore_stop_failures: true}
    - {id: lb_green, do: switch, target: lb, to: green}
    - {id: lb_blue, do: switch, target: lb, to: blue}
    - {id: lb_canary, do: weight, target: lb, side: green, percent: 10}
    - {id: lb_live, do: weight, target: lb, side: blue, percent: 60}
    - {id: lb_drain, do: drain, target: lb, side: blue}
    - {id: lb_warm, do: warm, target: lb, side: green}
    - {id: lb_probe, do: probe, target: lb, expect: 200}
    - {id: jobs_stop, do: stop, target: jobs}
    - {id: jobs_start, do: start, target: jobs}
    - {id: jobs_pause, do: pause, target: jobs}
    - {id: jobs_pause_until, do: pause, target: jobs, drain: 5m}
    - {id: jobs_pause_unsaid, do: pause, target: jobs, drain: unknown}
    - {id: jobs_resume, do: resume, target: jobs}
    - {id: sessions_flush, do: flush, target: sessions}
    - {id: sessions_flush_json, do: flush, target: sessions, format: json}
    - {id: sessions_wait, do: wait_expiry, target: sessions}
    - {id: sessions_restart, do: restart, target: sessions}
    - {id: sessions_stop, do: stop, target: sessions}
    - {id: sessions_start, do: start, target: sessions}
    - {id: sessions_newer, do: upgrade, target: sessions, engine: "7.2"}
    - {id: sessions_older, do: upgrade, target: sessions, engine: "7.0"}
    - {id: sessions_backup, do: backup, target: sessions, file: dump}
    - {id: sessions_restore, do: restore, target: sessions, from: dump}
    - {id: pages_flush, do: flush, target: pages}
    - {id: pages_restart, do: restart, target: pages}
    - {id: pages_newer, do: upgrade, target: pages, engine: "8.0"}
    - {id: mails_pause, do: pause, target: mails}
    - {id: mails_resume, do: resume, target: mails}
    - {id: mails_drain, do: drain, target: mails}
    - {id: mails_kept_back, do: wait_kept_back, target: orders}
    - {id: orders_drain, do: drain, target: orders}
    - {id: orders_purge, do: purge, target: orders}
    - {id: mails_purge, do: purge, target: mails}
    - {id: mails_redrive, do: redrive, target: mails}
    - {id: mails_convert, do: convert, target: mails, to: m1}
    - {id: mails_newer, do: upgrade, target: mails, engine: "3.6"}
    - {id: mails_final, do: finalize, target: mails}
    - {id: mails_lower, do: finalize, target: mails, to: "3.2"}
    - {id: mails_replay, do: replay, target: mails, since: yesterday}
    - {id: mailer_deploy, do: deploy, target: mailer, version: v2}
    - {id: mailer_rollback, do: rollback, target: mailer}
    - {id: mailer_stop, do: stop, target: mailer}
    - {id: mailer_start, do: start, target: mailer}
    - {id: cron_suspend, do: suspend, target: nightly_job}
    - {id: cron_quiet, do: suspend, target: nightly_job, drain: 5m}
    - {id: cron_resume, do: resume, target: nightly_job}
    - {id: cron_deploy, do: deploy, target: nightly_job, version: v2}
    - {id: cron_rollback, do: rollback, target: nightly_job, to: v1}
    - {id: pipeline_stop, do: stop, target: pipeline}
    - {id: pipeline_start, do: start, target: pipeline}
    - {id: pipeline_run, do: run, target: pipeline, app: tasks, version: v2, wait: true}
    - {id: pipeline_ask, do: run, target: pipeline, app: unit, version: v2}
    - {id: pipeline_again, do: rerun, target: pipeline, app: tasks, version: v2}
    - {id: pipeline_gone, do: rerun, target: pipeline, app: unit, version: v2, wait: true}
    - {id: jump_stop, do: stop, target: jump}
    - {id: jump_start, do: start, target: jump, via: pipeline}
    - {id: robot_suspend, do: suspend, target: robot}
    - {id: robot_resume, do: resume, target: robot}
    - {id: copies_purge, do: purge, target: edge_copies}
    - {id: edge_rule, do: set, target: edge_copies, key: cookies, value: "always, for all"}
    - {id: edge_rule_new, do: set, target: edge_copies, key: query, value: ignored}
    - {id: edge_rule_gone, do: unset, target: edge_copies, key: cookies}
    - {id: assets_rule, do: set, target: assets, key: age, value: 1d}
    - {id: assets_rule_gone, do: unset, target: assets, key: age}
    - {id: maint_on, do: "on", target: maint}
    - {id: maint_off, do: "off", target: maint}
    - {id: memory_cp, do: backup, target: memory, file: a.db}
    - {id: memory_backup, do: backup, target: memory, file: b.db, method: backup_api}
    - {id: memory_restore, do: restore, target: memory, from: nightly}
    - {id: memory_clean, do: restore, target: memory, from: nightly, wal: remove}
    - {id: memory_check, do: integrity_check, target: memory}
    - {id: memory_write, do: write, target: memory, row: fresh}
    - {id: memory_delete, do: delete, target: memory, row: people}
    - {id: plain_write, do: write, target: plain, row: fresh}
    - {id: points_snapshot, do: snapshot, target: points, file: s1}
    - {id: points_recover, do: recover, target: points, from: weekly}
    - {id: points_untar, do: untar, target: points, from: weekly}
    - {id: points_ticket, do: ticket, target: points, from: weekly, vendor: support}
    - {id: points_rebuild, do: rebuild, target: points, from: memory}
    - {id: points_newer, do: upgrade, target: points, engine: "1.8"}
    - {id: points_older, do: upgrade, target: points, engine: "1.7"}
    - {id: points_anew, do: upgrade, target: points, engine: "1.7", empty: true}
    - {id: points_stop, do: stop, target: points}
    - {id: points_start, do: start, target: points}
    - {id: vault_verify, do: verify, target: vault, name: nightly}
    - {id: vault_fetch, do: fetch, target: vault, name: nightly, checksum: true}
    - {id: vault_trust, do: fetch, target: vault, name: nightly}
    - {id: vault_expire, do: expire, target: vault, name: nightly}
    - {id: mon_watch, do: watch, target: mon, for: 5m}
    - {id: mon_baseline, do: baseline, target: mon}
    - {id: mon_probe, do: probe, target: mon, of: lb, expect: 200}
    - {id: mon_look, do: probe, target: mon, of: api}
    - {id: mon_evaluate, do: evaluate, target: mon, thresholds: {error_rate: 5}}
    - {id: mon_annotate, do: annotate, target: mon, text: deploy}
    - {id: chat_send, do: send, target: chat, claim: started}
    - {id: p_manual, do: manual, target: people}
    - {id: p_task, do: task}
    - {id: p_confirm, do: confirm, prompt: sure}
    - {id: p_confirm_default, do: confirm, prompt: sure, default: "no"}
    - {id: p_decide, do: decide}
    - {id: p_ticket, do: ticket, vendor: support}
    - {id: p_wait, do: wait, for: 30s}
    - {id: p_login, do: login}
    - {id: p_install, do: install}
    - {id: p_run, do: run, command: ./fix.sh}
    - {id: p_run_none, do: run, command: ls, effects: none}
    - {id: p_run_asks, do: run, command: ./ask.sh, effects: none, interactive: true}
)";

}  // namespace backout::tests
