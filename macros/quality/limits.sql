{# How many records may stand otherwise than alike: the settings `reconciliation_max_<status>`, each a count
   (`10`), a share (`2%`), or one of them by flow (`{accounts: 0, products: 1%}`; the others have none). #}

{# Groups of a flow, target and legal entity with more records of a status than allowed, a row each with a
   message; `reason` and `flow` narrow it. For the settings below, and for a data test of your own. #}
{% macro reconciliation_over(status, at_most, flow=none, reason=none) -%}
    {%- set limit = checked_limit(at_most, 'at_most') -%}
    {%- set counted = "status = '" ~ status ~ "'" ~ (" and reason = '" ~ reason ~ "'" if reason else '') -%}
    select
        flow,
        target,
        data_area_id,
        '{{ status }}' as status,
        n as records,
        of_all,
        '{{ limit.text }}' as at_most,
        flow || coalesce(', ' || data_area_id, '') || ', ' || target || ': ' || n || ' of ' || of_all
        || ' records {{ {'differ': 'differ', 'only_source': 'are only at the source', 'only_target': 'are only in the target'}[status] }} ('
        || reasons || '), the limit is {{ limit.text }}: see p2c reconcile.' as message
    from (
        select
            *,
            {% if status == 'only_target' -%}
                sum(target_records) over (partition by target, data_area_id)
            {%- else -%}
                source_in_scope
            {%- endif %} as of_all
        from (
            select
                flow,
                target,
                data_area_id,
                sum(case when {{ counted }} then records else 0 end) as n,
                sum(target_records) as target_records,
                sum(case when status in ('agree', 'differ', 'only_source') then records else 0 end) as source_in_scope,
                string_agg(case when {{ counted }} then records || ' ' || reason end, ', ' order by reason) as reasons
            from {{ ref('reconciliation') }}
            group by flow, target, data_area_id
        ) as grouped
    ) as counted
    where
        n > {{ limit.number ~ ' * of_all / 100' if limit.is_share else limit.number }}
        {%- if flow %}
        and list_contains(string_split(flow, ', '), '{{ flow }}')
        {%- endif %}
{%- endmacro %}

{# What the settings say, as [(status, flow or none, limit)]. #}
{% macro reconciliation_limits() -%}
    {%- set found = [] -%}
    {%- for status in ['differ', 'only_source', 'only_target'] -%}
        {%- set name = 'reconciliation_max_' ~ status -%}
        {%- set value = by_flow_var(name) -%}
        {%- if value is mapping -%}
            {%- for flow, limit in value.items() -%}
                {%- do check_flow_named(name, flow) -%}
                {%- do found.append((status, flow, checked_limit(limit, name ~ ' for ' ~ flow).text)) -%}
            {%- endfor -%}
        {%- elif value is not none and value | string | trim != '' -%}
            {%- do found.append((status, none, checked_limit(value, name).text)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# Every limit of the settings that is broken: no row when none is set. #}
{% macro broken_limits() -%}
    {%- for status, flow, limit in reconciliation_limits() %}
    {{ reconciliation_over(status, limit, flow) }}
    union
    {%- endfor %}
    {{ reconciliation_over('differ', 0) }} and false
{%- endmacro %}

{% macro checked_limit(value, name) -%}
    {%- set text = value | string | trim -%}
    {%- if not modules.re.fullmatch('\d+|\d+(\.\d+)? ?%', text) -%}
        {{ exceptions.raise_compiler_error(
            'The setting ' ~ name ~ ' is ' ~ text ~ ': write a count such as 10, or a share such as 2%.') }}
    {%- endif -%}
    {{ return({'text': text, 'number': text | replace('%', '') | trim, 'is_share': '%' in text}) }}
{%- endmacro %}

{% macro check_flow_named(setting, flow) -%}
    {%- set flows = [] -%}
    {%- for name in (write_targets() if execute else []) -%}
        {%- do flows.append(node_named('changes_' ~ name).config.meta.flow) -%}
    {%- endfor -%}
    {%- if flows and flow not in flows -%}
        {%- set near = nearest_word(flow | string, flows | unique | list) -%}
        {{ exceptions.raise_compiler_error(
            'The setting ' ~ setting ~ ' names the flow ' ~ flow ~ ', which there is not'
            ~ (' (did you mean ' ~ near ~ '?)' if near else '') ~ ': it can be ' ~ flows | unique | sort | join(', ') ~ '.') }}
    {%- endif -%}
{%- endmacro %}

{# After `dbt test` or `dbt build`: what no count of failures says, which flow, company and reason it is. #}
{% macro name_broken_limits(results) -%}
    {%- if execute and flags.WHICH in ('build', 'test') -%}
        {%- for result in results if 'reconciliation' in (result.node.tags or [])
            and result.node.resource_type == 'test' and result.status in ('fail', 'warn') -%}
            {%- for row in run_query('select message from (' ~ result.node.compiled_code ~ ') as broken order by 1').rows -%}
                {%- do log(row['message'], info=true) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    select 1
{%- endmacro %}
