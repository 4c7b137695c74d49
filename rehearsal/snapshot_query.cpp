#include "rehearsal/snapshot_query.hpp"

namespace backout::rehearsal {

// What pg_dump would print of, told apart by the same kinds and names as the fake's comparison of
// two databases.
const char* const kSnapshotQuery = R"sql(
  SELECT 'schema' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname, 'owner='||pg_get_userbyid(n.nspowner) FROM pg_namespace n WHERE n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_namespace'::regclass AND d.objid=n.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'grant' AS k, q.name::text, q.def::text FROM (
    SELECT 'schema '||n.nspname, (SELECT string_agg(x,',' ORDER BY x) FROM (SELECT
    coalesce(g.rolname,'PUBLIC')||'='||a.privilege_type||CASE WHEN a.is_grantable THEN '*' ELSE '' END AS x
    FROM aclexplode(coalesce(n.nspacl,acldefault('n',n.nspowner))) a LEFT JOIN pg_roles g ON g.oid=a.grantee)
    z) FROM pg_namespace n WHERE n.nspacl IS NOT NULL AND
    NOT (n.nspacl @> acldefault('n',n.nspowner) AND n.nspacl <@ acldefault('n',n.nspowner)) AND n.nspname NOT IN ('pg_catalog','information_schema')
    AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT (n.nspname='public' AND
    n.nspacl::text='{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}')
  ) q (name, def)
  UNION ALL
  SELECT 'table' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname, concat_ws(' |
    ','kind='||c.relkind::text,'pers='||c.relpersistence::text,'owner='||pg_get_userbyid(c.relowner),'opts='||array_to_string((SELECT
    array_agg(o ORDER BY o) FROM unnest(c.reloptions) o),','),'ri='||c.relreplident::text,CASE WHEN
    c.relrowsecurity THEN 'rls' END,CASE WHEN c.relforcerowsecurity THEN 'forcerls'
    END,'partkey='||pg_get_partkeydef(c.oid),'bound='||pg_get_expr(c.relpartbound,c.oid),'inh='||(SELECT
    string_agg(inhparent::regclass::text,',' ORDER BY inhseqno) FROM pg_inherits WHERE
    inhrelid=c.oid),'of='||NULLIF(c.reloftype,0)::regtype::text) FROM pg_class c JOIN pg_namespace n ON n.oid=c.relnamespace WHERE c.relkind
    IN('r','p','f') AND n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~
    '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid='pg_class'::regclass AND
    d.objid=c.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'grant' AS k, q.name::text, q.def::text FROM (
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence ' WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' ELSE 'table ' END||n.nspname||'.'||c.relname, (SELECT
    string_agg(x,',' ORDER BY x) FROM (SELECT coalesce(g.rolname,'PUBLIC')||'='||a.privilege_type||CASE WHEN
    a.is_grantable THEN '*' ELSE '' END AS x FROM aclexplode(coalesce(c.relacl,acldefault(CASE WHEN
    c.relkind='S' THEN 's'::"char" ELSE 'r'::"char" END,c.relowner))) a LEFT JOIN pg_roles g ON
    g.oid=a.grantee) z) FROM pg_class c JOIN pg_namespace n ON n.oid=c.relnamespace WHERE c.relkind
    IN('r','p','v','m','f','S') AND c.relacl IS NOT NULL AND NOT (c.relacl @> acldefault(CASE WHEN c.relkind='S' THEN
    's'::"char" ELSE 'r'::"char" END,c.relowner) AND c.relacl <@ acldefault(CASE WHEN c.relkind='S' THEN
    's'::"char" ELSE 'r'::"char" END,c.relowner)) AND n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_class'::regclass AND d.objid=c.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'grant' AS k, q.name::text, q.def::text FROM (
    SELECT 'column '||n.nspname||'.'||c.relname||'.'||a.attname, (SELECT string_agg(x,',' ORDER BY x) FROM
    (SELECT coalesce(g.rolname,'PUBLIC')||'='||e.privilege_type||CASE WHEN e.is_grantable THEN '*' ELSE '' END AS x FROM aclexplode(a.attacl) e LEFT JOIN
    pg_roles g ON g.oid=e.grantee) z) FROM pg_attribute a JOIN pg_class c ON c.oid=a.attrelid JOIN
    pg_namespace n ON n.oid=c.relnamespace WHERE a.attacl IS NOT NULL AND cardinality(a.attacl)>0 AND NOT
    a.attisdropped AND n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~
    '^(pg_(toast|temp)|backout_kept$)'
  ) q (name, def)
  UNION ALL
  SELECT 'column' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname||'.'||a.attname, concat_ws(' ',format_type(a.atttypid,a.atttypmod),CASE
    WHEN a.attnotnull THEN 'NOT NULL' END,CASE WHEN a.attinhcount>0 AND a.attislocal THEN 'LOCAL' END,CASE WHEN a.attgenerated<>'' THEN 'GENERATED '||a.attgenerated::text
    END,'DEFAULT '||pg_get_expr(d.adbin,d.adrelid),CASE WHEN a.attidentity<>'' THEN 'IDENTITY
    '||a.attidentity::text END,CASE WHEN a.attcollation<>t.typcollation THEN 'COLLATE
    '||a.attcollation::regcollation::text END,CASE WHEN a.attstorage<>t.typstorage THEN 'STORAGE
    '||a.attstorage::text END,CASE WHEN a.attcompression<>'' THEN 'COMPRESSION '||a.attcompression::text END)
    FROM pg_attribute a JOIN pg_class c ON c.oid=a.attrelid JOIN pg_namespace n ON n.oid=c.relnamespace JOIN
    pg_type t ON t.oid=a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid=a.attrelid AND d.adnum=a.attnum WHERE
    a.attnum>0 AND NOT a.attisdropped AND c.relkind IN('r','p','v','m','f') AND n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_class'::regclass AND d.objid=c.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'colorder' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname, string_agg(a.attname,',' ORDER BY a.attnum) FROM pg_attribute a JOIN
    pg_class c ON c.oid=a.attrelid JOIN pg_namespace n ON n.oid=c.relnamespace WHERE a.attnum>0 AND NOT
    a.attisdropped AND c.relkind IN('r','p','f') AND n.nspname NOT IN ('pg_catalog','information_schema') AND
    n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE
    d.classid='pg_class'::regclass AND d.objid=c.oid AND d.deptype='e') GROUP BY 1
  ) q (name, def)
  UNION ALL
  SELECT 'constraint' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||t.typname||'.'||k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN
    pg_type t ON t.oid=k.contypid JOIN pg_namespace n ON n.oid=t.typnamespace WHERE n.nspname<>'information_schema' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_type'::regclass AND d.objid=t.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'constraint' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname||'.'||k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN
    pg_class c ON c.oid=k.conrelid JOIN pg_namespace n ON n.oid=c.relnamespace WHERE k.contype NOT IN('t','n')
    AND NOT EXISTS (SELECT 1 FROM pg_constraint whole WHERE whole.oid=k.conparentid AND whole.conrelid=k.conrelid)
    AND n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT
    EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid='pg_class'::regclass AND d.objid=c.oid AND
    d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'index' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||i.relname, pg_get_indexdef(x.indexrelid)||CASE WHEN NOT x.indisvalid THEN '
    INVALID' ELSE '' END||CASE WHEN x.indisclustered THEN ' CLUSTERED' ELSE '' END||CASE WHEN x.indisreplident
    THEN ' REPLIDENT' ELSE '' END FROM pg_index x JOIN pg_class i ON i.oid=x.indexrelid JOIN pg_namespace n ON
    n.oid=i.relnamespace WHERE n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~
    '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid='pg_class'::regclass AND
    d.objid=x.indrelid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'view' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname, concat_ws(' | ',pg_get_viewdef(c.oid),pg_get_userbyid(c.relowner),
    c.relispopulated,array_to_string(c.reloptions,',')) FROM pg_class c JOIN pg_namespace n ON
    n.oid=c.relnamespace WHERE c.relkind IN('v','m') AND n.nspname NOT IN ('pg_catalog','information_schema')
    AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE
    d.classid='pg_class'::regclass AND d.objid=c.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'function' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||p.proname||'('||pg_get_function_identity_arguments(p.oid)||')', CASE WHEN
    p.prokind='a' THEN 'AGG '||(SELECT concat_ws(',',g.aggtransfn::text,g.aggfinalfn::text,g.agginitval) FROM
    pg_aggregate g WHERE g.aggfnoid=p.oid) ELSE pg_get_functiondef(p.oid) END FROM pg_proc p JOIN pg_namespace
    n ON n.oid=p.pronamespace WHERE n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~
    '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid='pg_proc'::regclass AND
    d.objid=p.oid AND d.deptype IN('e','i'))
  ) q (name, def)
  UNION ALL
  SELECT 'grant' AS k, q.name::text, q.def::text FROM (
    SELECT 'function '||n.nspname||'.'||p.proname||'('||pg_get_function_identity_arguments(p.oid)||')',
    (SELECT string_agg(x,',' ORDER BY x) FROM (SELECT
    coalesce(g.rolname,'PUBLIC')||'='||a.privilege_type||CASE WHEN a.is_grantable THEN '*' ELSE '' END AS x
    FROM aclexplode(coalesce(p.proacl,acldefault('f',p.proowner))) a LEFT JOIN pg_roles g ON g.oid=a.grantee)
    z) FROM pg_proc p JOIN pg_namespace n ON n.oid=p.pronamespace WHERE p.proacl IS NOT NULL AND
    NOT (p.proacl @> acldefault('f',p.proowner) AND p.proacl <@ acldefault('f',p.proowner)) AND n.nspname NOT
    IN ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_proc'::regclass AND d.objid=p.oid AND d.deptype IN('e','i'))
  ) q (name, def)
  UNION ALL
  SELECT 'trigger' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname||'.'||t.tgname, pg_get_triggerdef(t.oid)||' en='||t.tgenabled::text FROM
    pg_trigger t JOIN pg_class c ON c.oid=t.tgrelid JOIN pg_namespace n ON n.oid=c.relnamespace WHERE NOT
    t.tgisinternal AND n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~
    '^(pg_(toast|temp)|backout_kept$)'
  ) q (name, def)
  UNION ALL
  SELECT 'eventtrigger' AS k, q.name::text, q.def::text FROM (
    SELECT evtname, evtevent||' '||evtfoid::regproc::text||' '||evtenabled::text||'
    '||coalesce(array_to_string(evttags,','),'') FROM pg_event_trigger e WHERE NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_event_trigger'::regclass AND d.objid=e.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'rule' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname||'.'||r.rulename, pg_get_ruledef(r.oid) FROM pg_rewrite r JOIN pg_class c
    ON c.oid=r.ev_class JOIN pg_namespace n ON n.oid=c.relnamespace WHERE r.rulename<>'_RETURN' AND n.nspname
    NOT IN ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1
    FROM pg_depend d WHERE d.classid='pg_class'::regclass AND d.objid=c.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'enum' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||t.typname, (SELECT string_agg(quote_literal(e.enumlabel),',' ORDER BY
    e.enumsortorder) FROM pg_enum e WHERE e.enumtypid=t.oid) FROM pg_type t JOIN pg_namespace n ON
    n.oid=t.typnamespace WHERE t.typtype='e' AND n.nspname NOT IN ('pg_catalog','information_schema') AND
    n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE
    d.classid='pg_type'::regclass AND d.objid=t.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'composite' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||t.typname, (SELECT string_agg(a.attname||'
    '||format_type(a.atttypid,a.atttypmod),',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid=c.oid
    AND a.attnum>0 AND NOT a.attisdropped) FROM pg_type t JOIN pg_class c ON c.oid=t.typrelid AND
    c.relkind='c' JOIN pg_namespace n ON n.oid=t.typnamespace WHERE t.typtype='c' AND n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_type'::regclass AND d.objid=t.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'domain' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||t.typname, concat_ws(' ',format_type(t.typbasetype,t.typtypmod),CASE WHEN
    t.typnotnull THEN 'NOT NULL' END,'DEFAULT '||t.typdefault)
    FROM pg_type t JOIN pg_namespace n ON n.oid=t.typnamespace WHERE t.typtype='d' AND n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_type'::regclass AND d.objid=t.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'type' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||t.typname, t.typtype::text FROM pg_type t JOIN pg_namespace n ON
    n.oid=t.typnamespace WHERE t.typtype IN('b','r','p') AND t.typelem=0 AND n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_type'::regclass AND d.objid=t.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'sequence' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname, concat_ws('
    ',format_type(s.seqtypid,NULL),s.seqstart,s.seqincrement,s.seqmin,s.seqmax,s.seqcache,s.seqcycle,'owned='||(SELECT
    dc.oid::regclass::text||'.'||a.attname||' '||d.deptype::text FROM pg_depend d JOIN pg_class dc ON
    dc.oid=d.refobjid JOIN pg_attribute a ON a.attrelid=d.refobjid AND a.attnum=d.refobjsubid WHERE
    d.classid='pg_class'::regclass AND d.objid=c.oid AND d.refclassid='pg_class'::regclass AND d.deptype
    IN('a','i') LIMIT 1)) FROM pg_sequence s JOIN pg_class c ON c.oid=s.seqrelid JOIN pg_namespace n ON
    n.oid=c.relnamespace WHERE n.nspname NOT IN ('pg_catalog','information_schema') AND n.nspname !~
    '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid='pg_class'::regclass AND
    d.objid=c.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'policy' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||c.relname||'.'||p.polname, concat_ws(' | ',p.polcmd,p.polpermissive,(SELECT
    string_agg(CASE WHEN r=0 THEN 'public' ELSE pg_get_userbyid(r) END,',' ORDER BY r) FROM unnest(p.polroles)
    r),pg_get_expr(p.polqual,p.polrelid),pg_get_expr(p.polwithcheck,p.polrelid)) FROM pg_policy p JOIN
    pg_class c ON c.oid=p.polrelid JOIN pg_namespace n ON n.oid=c.relnamespace WHERE n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)'
  ) q (name, def)
  UNION ALL
  SELECT 'comment' AS k, q.name::text, q.def::text FROM (
    SELECT CASE x.classoid
      WHEN 'pg_class'::regclass THEN (SELECT CASE WHEN x.objsubid>0 THEN 'column' WHEN c.relkind='i' THEN 'index'
        WHEN c.relkind='I' THEN 'index' WHEN c.relkind='S' THEN 'sequence' WHEN c.relkind IN('v','m') THEN 'view'
        WHEN c.relkind='c' THEN 'composite' ELSE 'table' END||' '||n.nspname||'.'||c.relname||coalesce('.'||a.attname,'')
        FROM pg_class c JOIN pg_namespace n ON n.oid=c.relnamespace LEFT JOIN pg_attribute a ON a.attrelid=c.oid AND
        a.attnum=x.objsubid AND x.objsubid>0 WHERE c.oid=x.objoid)
      WHEN 'pg_namespace'::regclass THEN (SELECT 'schema '||nspname FROM pg_namespace n WHERE n.oid=x.objoid)
      WHEN 'pg_constraint'::regclass THEN (SELECT 'constraint '||n.nspname||'.'||coalesce(c.relname,t.typname)||'.'||k.conname
        FROM pg_constraint k JOIN pg_namespace n ON n.oid=k.connamespace LEFT JOIN pg_class c ON c.oid=k.conrelid LEFT JOIN
        pg_type t ON t.oid=k.contypid WHERE k.oid=x.objoid)
      WHEN 'pg_trigger'::regclass THEN (SELECT 'trigger '||n.nspname||'.'||c.relname||'.'||k.tgname FROM pg_trigger k JOIN
        pg_class c ON c.oid=k.tgrelid JOIN pg_namespace n ON n.oid=c.relnamespace WHERE k.oid=x.objoid)
      WHEN 'pg_policy'::regclass THEN (SELECT 'policy '||n.nspname||'.'||c.relname||'.'||k.polname FROM pg_policy k JOIN
        pg_class c ON c.oid=k.polrelid JOIN pg_namespace n ON n.oid=c.relnamespace WHERE k.oid=x.objoid)
      WHEN 'pg_rewrite'::regclass THEN (SELECT 'rule '||n.nspname||'.'||c.relname||'.'||k.rulename FROM pg_rewrite k JOIN
        pg_class c ON c.oid=k.ev_class JOIN pg_namespace n ON n.oid=c.relnamespace WHERE k.oid=x.objoid)
      WHEN 'pg_proc'::regclass THEN (SELECT 'function '||n.nspname||'.'||p.proname||'('||
        pg_get_function_identity_arguments(p.oid)||')' FROM pg_proc p JOIN pg_namespace n ON n.oid=p.pronamespace WHERE p.oid=x.objoid)
      WHEN 'pg_type'::regclass THEN (SELECT CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'd' THEN 'domain'
        ELSE 'type' END||' '||n.nspname||'.'||t.typname FROM pg_type t JOIN pg_namespace n ON n.oid=t.typnamespace WHERE t.oid=x.objoid)
      WHEN 'pg_statistic_ext'::regclass THEN (SELECT 'statistics '||n.nspname||'.'||s.stxname FROM pg_statistic_ext s JOIN
        pg_namespace n ON n.oid=s.stxnamespace WHERE s.oid=x.objoid)
      WHEN 'pg_event_trigger'::regclass THEN (SELECT 'eventtrigger '||evtname FROM pg_event_trigger e WHERE e.oid=x.objoid)
      WHEN 'pg_extension'::regclass THEN (SELECT 'extension '||n.nspname||'.'||extname FROM pg_extension e JOIN pg_namespace n
        ON n.oid=e.extnamespace WHERE e.oid=x.objoid)
      ELSE 'object '||x.objoid END, x.description
    FROM pg_description x WHERE (x.objoid>=16384 OR x.objoid='public'::regnamespace AND
    x.description<>'standard public schema') AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid=x.classoid AND d.objid=x.objoid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'statistics' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||s.stxname, pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s JOIN pg_namespace
    n ON n.oid=s.stxnamespace
  ) q (name, def)
  UNION ALL
  SELECT 'cast' AS k, q.name::text, q.def::text FROM (
    SELECT castsource::regtype::text||'->'||casttarget::regtype::text, castcontext::text||'
    '||castfunc::regproc::text FROM pg_cast c WHERE c.oid>=16384 AND NOT EXISTS (SELECT 1 FROM pg_depend d
    WHERE d.classid='pg_cast'::regclass AND d.objid=c.oid AND d.deptype IN('e','i'))
  ) q (name, def)
  UNION ALL
  SELECT 'operator' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||o.oprname||'('||o.oprleft::regtype::text||','||o.oprright::regtype::text||')',
    o.oprcode::text FROM pg_operator o JOIN pg_namespace n ON n.oid=o.oprnamespace WHERE n.nspname NOT IN
    ('pg_catalog','information_schema') AND n.nspname !~ '^(pg_(toast|temp)|backout_kept$)' AND NOT EXISTS (SELECT 1 FROM
    pg_depend d WHERE d.classid='pg_operator'::regclass AND d.objid=o.oid AND d.deptype='e')
  ) q (name, def)
  UNION ALL
  SELECT 'collation' AS k, q.name::text, q.def::text FROM (
    SELECT n.nspname||'.'||o.collname, concat_ws(' ',collprovider,collcollate) FROM pg_collation o JOIN
    pg_namespace n ON n.oid=o.collnamespace WHERE n.nspname NOT IN ('pg_catalog','information_schema') AND
    n.nspname !~ '^(pg_(toast|temp)|backout_kept$)'
  ) q (name, def)
  UNION ALL
  SELECT 'default grant', pg_get_userbyid(d.defaclrole)||'|'||coalesce(n.nspname,'')||'|'||d.defaclobjtype::text, (SELECT
    string_agg(coalesce(g.rolname,'PUBLIC')||'='||a.privilege_type||CASE WHEN a.is_grantable THEN '*' ELSE '' END,',' ORDER BY
    coalesce(g.rolname,'PUBLIC'), a.privilege_type) FROM aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid=a.grantee)
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid=d.defaclnamespace
  UNION ALL
  SELECT 'extension', n.nspname||'.'||e.extname, '' FROM pg_extension e JOIN pg_namespace n ON n.oid=e.extnamespace
    WHERE e.extname<>'plpgsql'
  UNION ALL
  SELECT 'role', rolname, concat_ws(' ',rolsuper,rolinherit,rolcreaterole,rolcreatedb,rolcanlogin,rolreplication,
    rolbypassrls,rolconnlimit,rolconfig,rolvaliduntil) FROM pg_roles WHERE rolname !~ '^pg_' AND rolname<>'postgres'
)sql";

}  // namespace backout::rehearsal
