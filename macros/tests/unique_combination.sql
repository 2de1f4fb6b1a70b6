{# No two rows share the values of the given columns. #}
{% test unique_combination(model, columns, where=none) %}
select {{ columns | map('tojson') | join(', ') }}, count(*) as n
from {{ model }}
where {{ where or 'true' }}
group by {{ columns | map('tojson') | join(', ') }}
having count(*) > 1
{% endtest %}
