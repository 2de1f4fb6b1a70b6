{# How each record stands in both systems, and since when. #}

{# What of a record is compared column by column: it is in both, in scope, and its values are known. #}
{% macro is_compared() -%}
    is_written_on and status in ('agree', 'differ') and fate in ('identical', 'update', 'conflict')
{%- endmacro %}

{# The columns that are compared, of each flow that writes more than once; `values` of flow, target, column. #}
{% macro compared_columns() -%}
    select flow, target, column_name
    from (values
    {%- set found = [] %}
    {%- for name in (write_targets() if execute else []) %}
        {%- set meta = node_named('changes_' ~ name).config.meta %}
        {%- for column in target_columns('target_' ~ name) | rejectattr('name', 'in', meta.writes.key)
            | rejectattr('compare', 'equalto', 'never') if 'update' in meta.writes.operations %}
            {%- do found.append((meta.flow, meta.writes.system ~ '.' ~ meta.writes.entity_set, column.name)) %}
        {%- endfor %}
    {%- endfor %}
    {%- for row in found or [('', '', '')] %}
        ('{{ row[0] }}', '{{ row[1] }}', '{{ row[2] }}'){{ ',' if not loop.last }}
    {%- endfor %}
    ) as listed (flow, target, column_name)
{%- endmacro %}

{% macro record_status() -%}
    case
        when is_gone and is_there and not is_anothers then 'only_target'
        when is_gone then 'gone'
        when fate = 'filtered' then 'out_of_scope'
        when not is_there then 'only_source'
        when fate = 'identical' and differing_columns = '[]' then 'agree'
        else 'differ'
    end
{%- endmacro %}

{# Read after the status: the same fate says different things of a record that the target has or lacks. #}
{% macro standing_reason() -%}
    case
        when status = 'gone' then case when is_anothers then 'another_has_its_key' else 'gone_in_both' end
        when status = 'only_target' then case when fate = 'deactivate' then 'to_be_removed' else 'source_gone' end
        when status = 'out_of_scope' then 'filtered'
        when status = 'agree' then case when is_written_on then 'equal' else 'created_once' end
        when fate in ('create', 'update') then case when is_refused then 'refused' else 'to_be_written' end
        when fate = 'blocked' then case when detail like 'match_to_review: %' then 'to_review' else 'waiting' end
        when fate in ('rejected', 'conflict') then fate
        when is_not_persisted then 'not_persisted'
        else 'kept'
    end
{%- endmacro %}

{% macro create_standings() %}
create table if not exists ledger.standings (
    flow varchar, target varchar, source_key varchar, record_key varchar, status varchar, reason varchar,
    since timestamptz
);
{%- endmacro %}

{# After a build: what is not alike, and since when it stands so. A record whose status or reason changes
   begins anew. #}
{% macro remember_standings() -%}
{%- if execute and flags.WHICH in ('run', 'build') -%}
delete from ledger.standings;
insert into ledger.standings by name
select flow, target, source_key, record_key, status, reason, since from {{ this }} where since is not null
{%- else -%}
select 1
{%- endif -%}
{%- endmacro %}
