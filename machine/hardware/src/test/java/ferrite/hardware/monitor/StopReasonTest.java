package ferrite.hardware.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.Machine;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.report.ReportText;
import ferrite.hardware.turn.Interleavings;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StopReasonTest {

    /** A reason of imaginary software. */
    private static final class Rain implements StopReason {

        private final List<String> set = new ArrayList<>();

        @Override
        public String usage() {
            return "rain IN";
        }

        @Override
        public String example() {
            return "rain berlin";
        }

        @Override
        public Point set(String words) throws MonitorException {
            if (!words.startsWith("rain")) {
                return null;
            }
            if (words.equals("rain")) {
                throw new MonitorException("rain needs a place");
            }
            set.add(words);
            return new Point(words, () -> set.remove(words));
        }
    }

    private final Machine machine = new Machine(new Machine.Configuration(0, 0x10_0000, 2, 0x100, Interleavings.RR, 0));
    private final Monitor monitor = new Monitor();
    private final Rain rain = new Rain();

    @AfterEach
    void close() {
        machine.close();
    }

    private String run(String line) throws MonitorException {
        return ReportText.of(monitor.execute(line));
    }

    @Test
    void aReasonOfTheSoftwareIsSetListedAndDeletedLikeTheOthers() throws MonitorException {
        MachineCommands.addTo(monitor, machine);
        monitor.add(rain);
        assertThatThrownBy(() -> run("break on rain berlin")).hasMessageContaining("start it with --debug");
        assertThat(rain.set).as("a refused reason is not set").isEmpty();
        machine.control().expectDebugger();

        assertThat(run("break on violation")).isEqualTo("1  violation\n");
        assertThat(run("break on rain berlin")).isEqualTo("2  rain berlin\n");
        assertThat(rain.set).containsExactly("rain berlin");
        assertThat(run("info break")).isEqualTo("1  violation\n2  rain berlin\n");
        assertThat(run("delete 2")).isEqualTo("1  violation\n");
        assertThat(rain.set).isEmpty();
        assertThat(run("help break")).contains(" | on rain IN").contains("for example: break on rain berlin");
        assertThatThrownBy(() -> run("break on rain")).hasMessage("rain needs a place");
        assertThatThrownBy(() -> run("break on snow")).hasMessage("this machine cannot break on 'snow'; it can on "
                + "violation, trap CAUSE, interrupt CAUSE, rain IN");
    }

    @Test
    void aViolationHaltsAsLongAsOnePointIsLeft() throws MonitorException {
        MachineCommands.addTo(monitor, machine);
        machine.control().expectDebugger();
        run("break on violation");
        run("break on violation");
        run("delete 1");
        machine.control().violated("a first one");
        assertThat(machine.control().isHalted()).isTrue();
        machine.control().resume();
        run("delete");
        machine.control().violated("a second one");
        assertThat(machine.control().isHalted()).isFalse();
    }

    @Test
    void withoutSoftwareItsReasonsAreRefusedInASentence() {
        MachineCommands.addTo(monitor, machine);
        machine.control().expectDebugger();
        assertThatThrownBy(() -> run("break on cache kmalloc-64")).hasMessage("this machine cannot break on "
                + "'cache kmalloc-64'; it can on violation, trap CAUSE, interrupt CAUSE. Events of the kernel need "
                + "the mini-kernel of 'ferrite run'");
    }

    @Test
    void aTraceOfTheSoftwareIsSwitchedOnAndOffAndRefusedWithoutTheSoftware() throws MonitorException {
        MachineCommands.addTo(monitor, machine);
        assertThatThrownBy(() -> run("trace on alloc")).hasMessageContaining("an event of the mini-kernel")
                .hasMessageEndingWith("here bus, mmio, dma, trap, irq can be traced");
        List<Boolean> switched = new ArrayList<>();
        monitor.addTrace("alloc", switched::add);
        assertThat(run("trace on alloc,irq")).isEqualTo("on alloc,irq\n");
        assertThat(run("trace on irq")).isEqualTo("on irq\n");
        assertThat(switched).containsExactly(true, false);
        assertThat(run("help trace")).contains("mmio dma trap irq alloc;");
    }

    @Test
    void theLastTracedEventsAreShownAndOlderOnesCounted() throws MonitorException {
        MachineCommands.addTo(monitor, machine);
        run("trace on bus");
        for (int i = 0; i < 300; i++) {
            machine.harts().get(0).mmu().store(0x1000 + 4 * i, 4, i, PrivilegeMode.M);
        }
        assertThat(run("trace last 2")).isEqualTo("0.000 ms  bus  by hart0  device ram  pa 0x000014a8  bytes 4  "
                + "access store  value 0x0000012a\n0.000 ms  bus  by hart0  device ram  pa 0x000014ac  bytes 4  "
                + "access store  value 0x0000012b\n2 events, 298 before\n");
        assertThat(monitor.execute("trace last 256").children()).hasSize(256);
        run("trace off");
        machine.harts().get(0).mmu().store(0x1000, 4, 1, PrivilegeMode.M);
        machine.harts().get(0).mmu().store(0x1000, 4, 1, PrivilegeMode.M);
        assertThat(run("trace last 1")).contains("value 0x0000012b").endsWith("1 event, 299 before\n");
        assertThatThrownBy(() -> run("trace last 257")).hasMessageContaining("1 to 256 events are kept");
    }
}
