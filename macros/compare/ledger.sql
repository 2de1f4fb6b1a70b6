{# The ledger's side of the models: what was written, and what the two systems last agreed on. #}

{% macro agreed_relation(target_model) -%}
    ledger.agreed_{{ target_model | replace('target_', '', 1) }}
{%- endmacro %}

{# Tables that the models read and the loaders or the hooks below fill; empty before the first run. #}
{% macro create_ledger() -%}
{%- if execute and flags.WHICH in ('run', 'build', 'test', 'run-operation') %}
{%- do check_declared() %}
{%- do refuse_when_behind() %}
create schema if not exists ledger;
create table if not exists ledger.marks (name varchar primary key, value varchar, noted_at timestamptz);
{{ "delete from ledger.marks where name = 'built';" if flags.WHICH in ('run', 'build') }}
create table if not exists ledger.writes (
    write_id varchar, run_id varchar, plan_id varchar, change_id varchar, flow varchar,
    system varchar, entity_set varchar, operation varchar, record_key varchar,
    record_id varchar, source_key varchar, after varchar, status varchar,
    finished_at timestamptz
);
alter table ledger.writes add column if not exists key_values varchar;
alter table ledger.writes add column if not exists sent_at timestamptz;
alter table ledger.writes add column if not exists not_kept varchar;
alter table ledger.writes add column if not exists error_message varchar;
create table if not exists ledger.links (
    link_id varchar, flow varchar, system varchar, entity_set varchar, source_key varchar,
    record_key varchar, record_id varchar, key_values varchar, first_seen timestamptz,
    changed_at timestamptz, ended_at timestamptz
);
{%- for node in compare_models() %}
{%- set target_model = node.name | replace('compare_', 'target_', 1) %}
create table if not exists {{ agreed_relation(target_model) }} (
    record_key varchar primary key, agreed_at timestamptz
    {%- for column in target_columns(target_model) %}, "{{ column.name }}" {{ column.type }}{% endfor %}
);
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_not_kept varchar;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_unknown varchar;
{{ learn_columns(agreed_relation(target_model), target_columns(target_model)) }}
{%- endfor %}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}

{# Records that were written and that the models do not know of would be taken for missing or for other
   records. The loaders note that before their first request, and take it back when they have told. #}
{% macro refuse_when_behind() -%}
    {%- set there = run_query(
        "select 1 from information_schema.tables where table_schema = 'ledger' and table_name = 'marks'") -%}
    {%- if flags.WHICH in ('run', 'build') and there.rows
        and run_query("select 1 from ledger.marks where name = 'behind'").rows -%}
        {{ exceptions.raise_compiler_error(
            "the warehouse does not know yet all that was written to Sales and F&O (a run was interrupted, or is"
            " going on): `p2c build` or `p2c run` brings it up to date and builds.") }}
    {%- endif -%}
{%- endmacro %}

{# A memory that was made before a column was mapped knows nothing of it, and all of the others: the
   column's first difference is a change and no conflict. One that is mapped no more is forgotten. #}
{% macro learn_columns(agreed, columns) -%}
    {%- set there = run_query(
        "select column_name from information_schema.columns where table_schema = 'ledger'"
        ~ " and table_name = '" ~ agreed.split('.')[1] ~ "'").columns[0].values() -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- for column in columns if there and column.name not in there %}
alter table {{ agreed }} add column if not exists "{{ column.name }}" {{ column.type }};
update {{ agreed }} set p2c_unknown =
    '[' || concat_ws(',', nullif(trim(p2c_unknown, '[]'), ''), '"{{ column.name }}"') || ']';
    {%- endfor %}
    {%- for name in there if name not in names and name not in ('record_key', 'agreed_at')
        and not name.startswith('p2c_') %}
alter table {{ agreed }} drop column "{{ name }}";
    {%- endfor %}
{%- endmacro %}

{# Whether the memory of a record was made before this column was mapped. #}
{% macro is_unknown(column) -%}
    coalesce(agreed.p2c_unknown like '%"{{ column.name }}"%', false)
{%- endmacro %}

{# Before comparing: what a service acknowledged is agreed, even if somebody changed it since. #}
{% macro remember_written() -%}
{%- if execute and flags.WHICH in ('run', 'build') -%}
{%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
{%- set writes = node_named(model.name | replace('compare_', 'changes_', 1)).config.meta.writes -%}
{%- set agreed = agreed_relation(target_model) -%}
{%- set flow = node_named(model.name | replace('compare_', 'changes_', 1)).config.meta.flow -%}
{%- set of_this_flow = "system = '" ~ writes.system ~ "' and entity_set = '" ~ writes.entity_set ~ "' and flow = '" ~ flow ~ "'" -%}
insert or replace into {{ agreed }} by name
select
    written.record_key,
    written.finished_at as agreed_at,
    case when written.operation <> 'create' then {{ json_array(_still_unknown(target_columns(target_model))) }} end
        as p2c_unknown
    {%- for column in target_columns(target_model) %},
    case
        when {{ json_has('written.after', column.name) }}
            then cast({{ json_text('written.after', column.name) }} as {{ column.type }})
        else agreed."{{ column.name }}"
    end as "{{ column.name }}"
    {%- endfor %}
from (
    select
        record_key, finished_at, after, operation,
        row_number() over (partition by record_key order by finished_at desc, write_id desc) as newest
    from {{ source('ledger', 'writes') }}
    where
        {{ of_this_flow }}
        and operation in ('create', 'update') and status in ('acknowledged', 'verified')
) as written
left join {{ agreed }} as agreed on written.record_key = agreed.record_key
where
    written.newest = 1
    -- An update says nothing about the columns it did not write.
    and (written.operation = 'create' or agreed.agreed_at is not null)
    and (agreed.agreed_at is null or written.finished_at > agreed.agreed_at);
{{ remember_not_kept(agreed, of_this_flow) }}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}

{# After comparing: what both systems hold alike is agreed. #}
{% macro remember_agreed() -%}
{%- if execute and flags.WHICH in ('run', 'build') -%}
{%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
insert or replace into {{ agreed_relation(target_model) }} by name
select
    compared.record_key,
    now() as agreed_at,
    cast(null as varchar) as p2c_unknown
    {%- for column in target_columns(target_model) %},
    desired."{{ column.name }}"
    {%- endfor %}
from {{ this }} as compared
inner join {{ ref(target_model) }} as desired on compared.source_key = desired.p2c_source_key
where compared.fate = 'identical' and not compared.is_drift and compared.is_newly_agreed;
{{ remember_links() }}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}

{# What an update left unsaid stays unknown; a create says all. #}
{% macro _still_unknown(columns) -%}
    {%- set items = [] -%}
    {%- for column in columns -%}
        {%- do items.append(
            'case when ' ~ is_unknown(column) ~ ' and not ' ~ json_has('written.after', column.name)
            ~ " then '\"" ~ column.name ~ "\"' end") -%}
    {%- endfor -%}
    {{ return(items) }}
{%- endmacro %}
