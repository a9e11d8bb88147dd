"""What the stories of failure are made of: small services, faults, and a ledger of every fact.

A story is a short test. Its docstring tells what breaks and what must hold::

    def test_a_broker_connection_that_falls_silent(stage: Stage) -> None:
        '''The network swallows all that comes from the broker. The relay and the subscribers
        notice, connect anew, and go on by themselves.'''
        with stage.telling():                        # steady load, from the printed seed
            stage.network("partner").black_hole("down")
            ...                                      # until something is seen to have happened
            stage.network("partner").heal()
        stage.settle()                               # all is told, published, applied …
        # … and when the test ends, the fixture looks at the whole ledger once more.

The parts:

* `stage`: the driver. It starts, kills and stops real processes (`process`): two that tell facts
  (`TELLERS`) and two that keep books of what they hear (`LISTENERS`), run by the product's own
  `entente run`, each behind a network of its own to RabbitMQ and to PostgreSQL.
* `proxy`: such a network; it can be down, cut, slow, silent in either direction, or half closed.
* `small`: what the small services do; `trouble` makes a listener fail, die or dawdle over a fact.
* `facts`: which facts are told, made from a seed.
* `ledger`: what must hold after every story.

The fixtures `stage` (shared processes, as they stand between stories) and `seed` are in
`tests/reliability/conftest.py`. A story leaves the stage as it found it: servers up, networks
healed, all four processes running; `stage.settle()` starts and heals what the story left broken.
"""
