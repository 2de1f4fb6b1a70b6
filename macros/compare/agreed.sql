{# What the two systems last agreed on, kept between builds: before and after each comparison. #}

{# Before comparing: what a service acknowledged is agreed, even if somebody changed it since. #}
{% macro remember_written() -%}
{%- if execute and flags.WHICH in ('run', 'build') -%}
{%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
{%- set meta = node_named(model.name | replace('compare_', 'changes_', 1)).config.meta -%}
{%- set writes, flow = meta.writes, meta.flow -%}
{%- set agreed = agreed_relation(target_model) -%}
{%- set of_this_flow = "system = '" ~ writes.system ~ "' and entity_set = '" ~ writes.entity_set ~ "' and flow = '" ~ flow ~ "'" -%}
{{ forget_undone(agreed, of_this_flow) }}
insert or replace into {{ agreed }} by name
select
    written.record_key,
    written.finished_at as agreed_at,
    case when written.operation <> 'create' then {{ json_array(_still_unknown(target_columns(target_model))) }} end
        as p2c_unknown,
    case when written.agreement is null then agreed.p2c_kept else {{ json_part('written.agreement', 'kept') }} end
        as p2c_kept
    {%- for column in target_columns(target_model) %},
    case
        when {{ json_has('written.after', column.name) }}
            then cast({{ json_text('written.after', column.name) }} as {{ column.type }})
        when {{ json_has('written.held', column.name) }}
            then cast({{ json_text('written.held', column.name) }} as {{ column.type }})
        else agreed."{{ column.name }}"
    end as "{{ column.name }}"
    {%- endfor %}
from (
    select
        *,
        {{ json_part('agreement', 'held') }} as held,
        row_number() over (partition by record_key order by finished_at desc, event_id desc) as newest
    from ({{ _agreements(agreed, of_this_flow) }}) as events
) as written
left join {{ agreed }} as agreed on written.record_key = agreed.record_key
where
    written.newest = 1
    -- An update says nothing about the columns it did not write, unless the ledger has what they held.
    and (written.operation = 'create' or written.agreement is not null or agreed.agreed_at is not null)
    and (agreed.agreed_at is null or written.finished_at > agreed.agreed_at);
{{ remember_deactivated(agreed, of_this_flow, target_columns(target_model), writes) }}
{{ remember_not_persisted(agreed, of_this_flow) }};
{{ remember_linked(agreed, of_this_flow) }}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}

{# Writes, and first contacts that had nothing to write: those the warehouse knows, unless it is lost. #}
{% macro _agreements(agreed, of_this_flow) -%}
    select known.*
    from (
        select record_key, finished_at, "after", operation, agreement, write_id as event_id
        from {{ source('ledger', 'writes') }}
        where
            {{ of_this_flow }}
            and operation in ('create', 'update') and status in ('acknowledged', 'verified')
        union all
        select record_key, changed_at, '{}', 'update', agreement, link_id
        from ledger.links
        where
            {{ of_this_flow }}
            and ended_at is null and agreement is not null
            and record_key not in (select record_key from {{ agreed }} where agreed_at is not null)
    ) as known
    left join ({{ undone_contacts(of_this_flow) }}) as undone on known.record_key = undone.record_key
    where undone.undone_at is null or known.finished_at > undone.undone_at
{%- endmacro %}

{# After comparing: what both systems hold alike is agreed, and so is what the target holds where it was left.
   What is known already is not written again: a build that learns nothing leaves the memory as it was. #}
{% macro remember_agreed() -%}
{%- if execute and flags.WHICH in ('run', 'build') -%}
{%- set target_model = model.name | replace('compare_', 'target_', 1) -%}
{%- set columns = target_columns(target_model) -%}
insert or replace into {{ agreed_relation(target_model) }} by name
select latest.*
from (
    select
        compared.record_key,
        now() as agreed_at,
        cast(null as varchar) as p2c_unknown,
        {{ json_part('compared.agreement', 'kept') }} as p2c_kept
        {%- for column in columns %},
        case
            when {{ json_has('compared.agreement', 'kept."' ~ column.name ~ '"') }}
                then cast({{ json_text('compared.agreement', 'held."' ~ column.name ~ '"') }} as {{ column.type }})
            else desired."{{ column.name }}"
        end as "{{ column.name }}"
        {%- endfor %}
    from {{ this }} as compared
    inner join {{ ref(target_model) }} as desired on compared.source_key = desired.p2c_source_key
    where compared.fate = 'identical' and not compared.is_drift and compared.is_newly_agreed
) as latest
left join {{ agreed_relation(target_model) }} as known on latest.record_key = known.record_key
where
    known.agreed_at is null
    or known.p2c_unknown is not null
    or known.p2c_kept is distinct from latest.p2c_kept
    {%- for column in columns %}
    or known."{{ column.name }}" is distinct from latest."{{ column.name }}"
    {%- endfor %};
{{ remember_links() }}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}
