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
create or replace temp table p2c_agreed as
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
        events.*,
        {{ json_part('events.agreement', 'held') }} as held,
        row_number() over (
            partition by events.record_key order by events.finished_at desc, events.event_id desc
        ) as newest
    from ({{ _agreements(agreed, of_this_flow) }}) as events
    left join {{ agreed }} as known on events.record_key = known.record_key
    -- What is remembered already, almost all that was ever written, is left out first.
    where known.agreed_at is null or events.finished_at > known.agreed_at
) as written
left join {{ agreed }} as agreed on written.record_key = agreed.record_key
where
    written.newest = 1
    -- An update says nothing about the columns it did not write, unless the ledger has what they held.
    and (written.operation = 'create' or written.agreement is not null or agreed.agreed_at is not null);
{{ _replace_agreed(agreed) }}
{{ doubt_links(agreed, writes, flow) }}
{{ remember_deactivated(agreed, of_this_flow, target_columns(target_model), writes) }}
{{ remember_not_persisted(agreed, of_this_flow) }}
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
{%- set agreed = agreed_relation(target_model) -%}
{%- set writes = node_named(model.name | replace('compare_', 'changes_', 1)).config.meta.writes -%}
create or replace temp table p2c_agreed as
select * exclude (turn)
from (
    select
        compared.record_key,
        now() as agreed_at,
        {{ json_part('compared.agreement', 'kept') }} as p2c_kept,
        {{ pair_hash_columns(target_model, writes) }}
        {%- for column in target_columns(target_model) %},
        case
            when {{ json_has('compared.agreement', 'kept."' ~ column.name ~ '"') }}
                then cast({{ json_text('compared.agreement', 'held."' ~ column.name ~ '"') }} as {{ column.type }})
            else desired."{{ column.name }}"
        end as "{{ column.name }}"
        {%- endfor %},
        row_number() over (partition by compared.record_key order by compared.source_key) as turn
    from {{ this }} as compared
    inner join {{ ref(target_model) }} as desired on compared.source_key = desired.p2c_source_key
    where
        not compared.is_unchanged and compared.fate = 'identical' and not compared.is_drift and compared.is_newly_agreed
) as found
where turn = 1;
{{ _leave_known(agreed, target_columns(target_model)) }}
{{ _replace_agreed(agreed) }}
{{ remember_links(agreed) }}
{{ keep_pair_hash(agreed, target_model, writes) }}
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}

{# Records of `p2c_agreed` of which the same is agreed already, as of those whose own value is left to the target
   (`null_means: keep`): they are found anew by each build, and nothing is learned. #}
{% macro _leave_known(agreed, columns) -%}
delete from p2c_agreed as latest using {{ agreed }} as known
where
    latest.record_key = known.record_key and known.agreed_at is not null and known.p2c_unknown is null
    and known.p2c_left_off is null
    and known.p2c_kept is not distinct from latest.p2c_kept
    and known.p2c_pair_hash is not distinct from latest.p2c_pair_hash
    and known.p2c_is_linked is not distinct from latest.p2c_is_linked
    {%- for column in columns %}
    and known."{{ column.name }}" is not distinct from latest."{{ column.name }}"
    {%- endfor %};
{%- endmacro %}

{# The memory of the records in `p2c_agreed` made anew. There is no index: to keep one up would take longer than
   the comparison. #}
{% macro _replace_agreed(agreed) -%}
delete from {{ agreed }} as former using p2c_agreed as latest where former.record_key = latest.record_key;
insert into {{ agreed }} by name select * from p2c_agreed;
drop table p2c_agreed;
{%- endmacro %}

{# What the pre-hooks find of single records, as (record_key, value), put beside what is agreed. Such a record
   is judged. One of which nothing is agreed gets a memory without `agreed_at`. #}
{% macro note_beside(agreed, column, found) -%}
update {{ agreed }} set {{ column }} = null where {{ column }} is not null;
create or replace temp table p2c_noted as {{ found }};
update {{ agreed }} as agreed set {{ column }} = noted.value, p2c_pair_hash = null
from p2c_noted as noted where agreed.record_key = noted.record_key;
insert into {{ agreed }} (record_key, {{ column }})
select record_key, value from p2c_noted as noted
where not exists (select 1 from {{ agreed }} as agreed where agreed.record_key = noted.record_key);
drop table p2c_noted;
{%- endmacro %}
