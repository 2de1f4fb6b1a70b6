{# A comparison in DuckDB: what had to be judged is a table, `judged_<target>`; the model is a view of it and of
   the unchanged rows, which are read from the target model. To write those, almost all of them the same as
   yesterday, would take longer than to compare them. On another engine, or as `table`, the model is one table. #}
{% materialization compare, adapter="duckdb", supported_languages=['sql'] %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {%- set name = model.name | replace('compare_', '', 1) -%}
    {%- set judged = this.incorporate(type='table', path={'identifier': 'judged_' ~ name}) -%}
    {%- set meta = node_named('changes_' ~ name).config.meta -%}
    {%- set desired = node_named('target_' ~ name).relation_name -%}
    {%- set statements -%}
        drop table if exists {{ judged }};
        {{ create_table_as(False, judged, 'select * from (' ~ compiled_code ~ ') as compared where not is_unchanged') }};
        create view {{ target_relation }} as
        select * from {{ judged }}
        union all
        {{ unchanged_rows(meta.flow, meta.writes, desired, judged) }}
    {%- endset -%}
    {% do replace_relation(target_relation, statements) %}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
