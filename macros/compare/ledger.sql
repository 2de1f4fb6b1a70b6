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
alter table ledger.writes add column if not exists not_persisted varchar;
alter table ledger.writes add column if not exists error_message varchar;
alter table ledger.writes add column if not exists agreement varchar;
alter table ledger.writes add column if not exists "before" varchar;
create table if not exists ledger.links (
    link_id varchar, flow varchar, system varchar, entity_set varchar, source_key varchar,
    record_key varchar, record_id varchar, key_values varchar, first_seen timestamptz,
    changed_at timestamptz, ended_at timestamptz
);
{{ create_standings() }}
{{ create_matches() }}
alter table ledger.links add column if not exists agreement varchar;
create table if not exists ledger.differences (
    flow varchar, target varchar, source_key varchar, column_name varchar, first_seen timestamptz
);
{{ drop_keys_of_agreed() }}
{%- for node in compare_models() %}
{%- set target_model = node.name | replace('compare_', 'target_', 1) %}
create table if not exists {{ agreed_relation(target_model) }} (
    record_key varchar, agreed_at timestamptz
    {%- for column in target_columns(target_model) %}, "{{ column.name }}" {{ column.type }}{% endfor %}
);
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_not_persisted varchar;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_unknown varchar;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_kept varchar;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_linked varchar;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_left_off varchar;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_pair_hash ubigint;
alter table {{ agreed_relation(target_model) }} add column if not exists p2c_is_linked boolean;
{{ learn_columns(agreed_relation(target_model), target_columns(target_model)) }}
{%- endfor %}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}

{# Records that were written and that the models do not know of would be taken for missing or for other
   records. The loaders set this mark before their first request, and remove it when the models know all. #}
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

{# Warehouses of earlier versions have an index on what is agreed, which costs more to keep than to do without. #}
{% macro drop_keys_of_agreed() -%}
    {%- for name in run_query(
        "select distinct table_name from duckdb_constraints() where schema_name = 'ledger'"
        ~ " and table_name like 'agreed_%' and constraint_type = 'PRIMARY KEY'").columns[0].values() %}
create or replace table ledger.p2c_without_key as select * from ledger.{{ name }};
drop table ledger.{{ name }};
alter table ledger.p2c_without_key rename to {{ name }};
    {%- endfor -%}
{%- endmacro %}
