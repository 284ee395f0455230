package ferrite.hardware.clock;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Seed;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ClockTest {

    private final Clock clock = new Clock();
    private final List<String> fired = new ArrayList<>();

    private ClockEvent event(String name) {
        return clock.newEvent(name, () -> fired.add(name + "@" + clock.now()));
    }

    /** Spends ticks as the turn does: grant by grant, with due events fired between grants. */
    private void run(long ticks) {
        long end = clock.now() + ticks;
        while (clock.now() < end) {
            clock.fireDue();
            clock.grant(end - clock.now());
            while (clock.budget > 0) {
                clock.budget--;
            }
        }
        clock.fireDue();
    }

    @Test
    void eventsFireAtTheirTickInTheOrderOfTime() {
        ClockEvent late = event("late");
        ClockEvent early = event("early");
        late.scheduleIn(20);
        early.scheduleIn(7);
        run(30);
        assertThat(fired).containsExactly("early@7", "late@20");
        assertThat(clock.firedEvents()).isEqualTo(2);
    }

    @Test
    void eventsOfOneTickFireInTheOrderInWhichTheyWereScheduled() {
        ClockEvent first = event("a");
        ClockEvent second = event("b");
        ClockEvent third = event("c");
        third.scheduleAt(10);
        first.scheduleAt(10);
        second.scheduleAt(10);
        first.scheduleAt(10);
        run(10);
        assertThat(fired).containsExactly("c@10", "b@10", "a@10");
    }

    @Test
    void anEventThatSchedulesAnotherForNowHasItFireInTheSameTick() {
        ClockEvent second = event("second");
        clock.newEvent("first", () -> {
            fired.add("first@" + clock.now());
            second.scheduleIn(0);
        }).scheduleIn(5);
        run(6);
        assertThat(fired).containsExactly("first@5", "second@5");
    }

    @Test
    void theBudgetNeverReachesPastTheNextEvent() {
        event("a").scheduleIn(100);
        clock.grant(1000);
        assertThat(clock.budget).isEqualTo(100);
        clock.grant(30);
        assertThat(clock.budget).isEqualTo(30);
        assertThat(clock.nextDue()).isEqualTo(100);
    }

    @Test
    void nowIsExactWhileTheBudgetIsSpent() {
        clock.grant(10);
        for (int tick = 0; tick < 10; tick++) {
            assertThat(clock.now()).isEqualTo(tick);
            clock.budget--;
        }
        clock.settle();
        assertThat(clock.now()).isEqualTo(10);
        clock.grant(5);
        clock.budget -= 3;
        clock.settle();
        assertThat(clock.now()).as("unspent ticks do not pass").isEqualTo(13);
        assertThat(clock.budget).isZero();
    }

    @Test
    void anEventScheduledInsideTheBudgetMakesTheSpenderLookUp() {
        ClockEvent event = event("a");
        clock.grant(100);
        clock.budget -= 10;
        event.scheduleIn(200);
        assertThat(clock.budget).as("later than the budget").isEqualTo(90);
        event.scheduleIn(20);
        assertThat(clock.budget).isZero();
        assertThat(clock.now()).isEqualTo(10);
        run(50);
        assertThat(fired).containsExactly("a@30");
    }

    @Test
    void anEventInThePastIsDueNow() {
        run(10);
        event("a").scheduleAt(3);
        assertThat(clock.nextDue()).isEqualTo(10);
        clock.fireDue();
        assertThat(fired).containsExactly("a@10");
    }

    @Test
    void aCancelledEventDoesNotFireAndARescheduledOneFiresOnce() {
        ClockEvent cancelled = event("cancelled");
        ClockEvent moved = event("moved");
        cancelled.scheduleIn(5);
        moved.scheduleIn(5);
        assertThat(cancelled.isScheduled()).isTrue();
        cancelled.cancel();
        moved.scheduleIn(8);
        assertThat(cancelled.isScheduled()).isFalse();
        run(20);
        assertThat(fired).containsExactly("moved@8");
        assertThat(moved.isScheduled()).isFalse();
    }

    @Test
    void jumpingPassesTimeButRetiresNothing() {
        run(10);
        clock.jumpTo(1000);
        assertThat(clock.now()).isEqualTo(1000);
        assertThat(clock.instructions()).isEqualTo(10);
        clock.jumpTo(5);
        assertThat(clock.now()).as("time does not go back").isEqualTo(1000);
        run(5);
        assertThat(clock.instructions()).isEqualTo(15);
    }

    @Test
    void interruptingLosesNoTime() {
        clock.grant(10);
        clock.budget -= 4;
        clock.interruptSoon();
        assertThat(clock.budget).isZero();
        assertThat(clock.now()).isEqualTo(4);
        assertThat(clock.instructions()).isEqualTo(4);
    }

    @Test
    void aRestoredClockGoesOnAsTheSavedOneDid() {
        ClockEvent a = event("a");
        ClockEvent b = event("b");
        run(3);
        clock.jumpTo(7);
        b.scheduleAt(20);
        a.scheduleAt(20);
        StateWriter out = new StateWriter();
        clock.save(out);
        byte[] saved = out.toBytes();

        run(50);
        assertThat(fired).containsExactly("b@20", "a@20");
        a.scheduleIn(1);
        fired.clear();
        clock.restore(new StateReader(saved));
        assertThat(clock.now()).isEqualTo(7);
        assertThat(clock.instructions()).isEqualTo(3);
        assertThat(clock.firedEvents()).isZero();
        assertThat(clock.budget).isZero();
        run(50);
        assertThat(fired).containsExactly("b@20", "a@20");
    }

    @Test
    void randomEventsFireAsASortedListSays() {
        Seed seed = Seed.fresh();
        for (int round = 0; round < 100; round++) {
            Random random = seed.random(round);
            Clock subject = new Clock();
            List<String> seen = new ArrayList<>();
            List<String> expected = new ArrayList<>();
            List<long[]> model = new ArrayList<>();              // name, due, sequence
            List<ClockEvent> events = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                int name = i;
                events.add(subject.newEvent("e" + i, () -> seen.add(name + "@" + subject.now())));
            }
            long now = 0;
            for (int step = 0; step < 200; step++) {
                int which = random.nextInt(6);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        long due = now + random.nextInt(10);
                        events.get(which).scheduleAt(due);
                        model.removeIf(entry -> entry[0] == which);
                        model.add(new long[] {which, due, step});
                    }
                    case 1 -> {
                        events.get(which).cancel();
                        model.removeIf(entry -> entry[0] == which);
                    }
                    default -> {
                        subject.fireDue();
                        expectFired(model, now, expected);
                        subject.grant(1 + random.nextInt(3));
                        now += subject.budget;
                        subject.budget = 0;
                    }
                }
                assertThat(subject.now()).as(seed.replay("round " + round)).isEqualTo(now);
            }
            subject.fireDue();
            expectFired(model, now, expected);
            assertThat(seen).as(seed.replay("round " + round)).isEqualTo(expected);
        }
    }

    @Test
    void aSlowerCounterReachesAValueAtTheFirstTickThatShowsIt() {
        Clock slow = new Clock();
        slow.countAt(Clock.TICKS_PER_SECOND / 10);
        List<Long> reached = new ArrayList<>();
        ClockEvent event = slow.newEvent("comparison", () -> reached.add(slow.now()));
        slow.jumpTo(17);
        assertThat(slow.mtime()).isEqualTo(1);
        slow.scheduleComparison(event, 3);
        slow.jumpTo(slow.nextDue());
        slow.fireDue();
        assertThat(reached).containsExactly(30L);
        assertThat(slow.mtime()).isEqualTo(3);
        slow.setMtime(-2);
        slow.jumpTo(39);
        assertThat(slow.mtime()).isEqualTo(-2);
        slow.scheduleComparison(event, 1);
        assertThat(slow.nextDue()).as("the counter has passed the value, until it wraps round").isEqualTo(50);
        slow.scheduleComparison(event, -1);
        assertThat(slow.nextDue()).isEqualTo(40);
        slow.scheduleComparison(event, -1L >>> 1);
        assertThat(slow.nextDue()).isEqualTo(50);
    }

    private static void expectFired(List<long[]> model, long now, List<String> expected) {
        model.sort((one, other) -> one[1] != other[1] ? Long.compare(one[1], other[1])
                : Long.compare(one[2], other[2]));
        while (!model.isEmpty() && model.get(0)[1] <= now) {
            expected.add(model.remove(0)[0] + "@" + now);
        }
    }
}
