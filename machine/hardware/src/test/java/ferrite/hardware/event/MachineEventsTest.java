package ferrite.hardware.event;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.report.Report;
import ferrite.hardware.report.Violation;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineEventsTest {

    private final List<String> told = new ArrayList<>();

    @Test
    void haltsAndContinuesAreToldOnce() {
        try (Machine machine = new Machine(new Machine.Configuration(0, 0x1000, 1, 0, Interleavings.RR, 0))) {
            machine.events().add((kind, when, facts) -> told.add(kind));
            machine.control().halt();
            machine.control().halt();
            machine.control().resume();
            machine.control().resume();
            assertThat(told).containsExactly("halt", "continue");
        }
    }

    @Test
    void withoutAListenerNoFactIsMade() {
        MachineEvents events = new MachineEvents(() -> new Violation.Moment(1, 2, 0));
        events.tell(MachineEvents.LOG, () -> {
            throw new AssertionError("made for no listener");
        });
        EventListener listener = (kind, when, facts) -> told.add(kind + facts.get().value("line") + when.event());
        events.add(listener);
        events.tell(MachineEvents.LOG, () -> Report.of("log").text("line", "x"));
        events.remove(listener);
        assertThat(events.areHeard()).isFalse();
        events.tell(MachineEvents.LOG, () -> Report.of("log"));
        assertThat(told).containsExactly("logx2");
    }

    @Test
    void theLastViolationsAreKeptAndAllAreCounted() {
        MachineEvents events = new MachineEvents(() -> new Violation.Moment(1, 2, 0));
        int many = MachineEvents.MAX_VIOLATIONS + 10;
        for (int i = 0; i < many; i++) {
            events.tell(new Violation.Builder("rule", "number " + i).build("", new Violation.Moment(i, i, 0)));
        }
        assertThat(events.violationCount()).isEqualTo(many);
        assertThat(events.violations()).hasSize(MachineEvents.MAX_VIOLATIONS);
        assertThat(events.violations().get(0).summary()).isEqualTo("number 10");
    }
}
