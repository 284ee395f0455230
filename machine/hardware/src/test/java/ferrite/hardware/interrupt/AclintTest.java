package ferrite.hardware.interrupt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusFault;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.hart.Csrs;
import ferrite.hardware.hart.Hart;
import ferrite.hardware.hart.PrivilegeMode;
import ferrite.hardware.hart.Trap;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class AclintTest {

    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(0, 4096));
    private final List<Hart> harts = List.of(new Hart(0, clock, bus, 0), new Hart(1, clock, bus, 0));
    private final Aclint aclint = new Aclint(clock, harts);
    private final BusDevice timer = aclint.mtimer();

    private boolean pending(int hart, int cause) {
        return (harts.get(hart).csrs().pending() >> cause & 1) != 0;
    }

    private void pass(long ticks) {
        long end = clock.now() + ticks;
        while (clock.now() < end) {
            clock.fireDue();
            clock.grant(end - clock.now());
            clock.budget = 0;
        }
        clock.fireDue();
    }

    @Test
    void msipRaisesTheMachineSoftwareInterruptOfItsHartWhileItIsSet() {
        BusDevice mswi = aclint.mswi();
        mswi.store(4, 4, 1);
        assertThat(pending(1, Trap.MACHINE_SOFTWARE)).isTrue();
        assertThat(pending(0, Trap.MACHINE_SOFTWARE)).isFalse();
        assertThat(mswi.load(4, 4)).isEqualTo(1);
        mswi.store(4, 4, 0xfffe);
        assertThat(pending(1, Trap.MACHINE_SOFTWARE)).as("only bit 0 is there").isFalse();
        assertThat(mswi.peek(4, 4)).isZero();
    }

    @Test
    void setssipSetsSsipOnceAndReadsAsZero() {
        BusDevice sswi = aclint.sswi();
        sswi.store(4, 4, 1);
        assertThat(pending(1, Trap.SUPERVISOR_SOFTWARE)).isTrue();
        assertThat(sswi.load(4, 4)).isZero();
        sswi.store(4, 4, 0);
        assertThat(pending(1, Trap.SUPERVISOR_SOFTWARE)).as("zero clears nothing").isTrue();
        harts.get(1).csrs().write(Csrs.MIP, 0, PrivilegeMode.M);
        assertThat(pending(1, Trap.SUPERVISOR_SOFTWARE)).as("software clears it").isFalse();
    }

    @Test
    void theTimerInterruptsFromTheTickOnThatMtimecmpNames() {
        timer.store(8, 4, 100);
        timer.store(12, 4, 0);
        pass(99);
        assertThat(pending(1, Trap.MACHINE_TIMER)).isFalse();
        pass(1);
        assertThat(pending(1, Trap.MACHINE_TIMER)).isTrue();
        assertThat(pending(0, Trap.MACHINE_TIMER)).isFalse();
        pass(1000);
        assertThat(pending(1, Trap.MACHINE_TIMER)).as("a level").isTrue();
        timer.store(8, 4, 5000);
        assertThat(pending(1, Trap.MACHINE_TIMER)).isFalse();
        timer.store(8, 4, 3);
        assertThat(pending(1, Trap.MACHINE_TIMER)).as("in the past").isTrue();
    }

    @Test
    void mtimeIsTheClockAndCanBeSet() {
        pass(1234);
        assertThat(timer.load(Aclint.MTIME, 4)).isEqualTo(1234);
        assertThat(timer.load(Aclint.MTIME + 4, 4)).isZero();
        timer.store(0, 4, 1_000_000);
        timer.store(4, 4, 0);
        timer.store(Aclint.MTIME, 4, 999_990);
        assertThat(timer.load(Aclint.MTIME, 4)).isEqualTo(999_990);
        pass(9);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isFalse();
        pass(1);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isTrue();
        timer.store(Aclint.MTIME, 4, 0);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isFalse();
        timer.store(Aclint.MTIME + 4, 4, 1);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isTrue();
        assertThat(timer.peek(Aclint.MTIME + 4, 4)).isEqualTo(1);
    }

    @Test
    void afterResetNoTimerIsDue() {
        assertThat(timer.load(0, 4)).isEqualTo(-1);
        assertThat(timer.load(4, 4)).isEqualTo(-1);
        pass(1_000_000);
        assertThat(harts.get(0).csrs().pending()).isZero();
        assertThat(clock.firedEvents()).isZero();
    }

    @Test
    void hartsThatAreNotThereAndNarrowAccessesAreBusFaults() {
        for (BusDevice device : List.of(aclint.mswi(), aclint.sswi())) {
            for (long offset : new long[] {8, 0x3ffc}) {
                assertThatThrownBy(() -> device.load(offset, 4)).isInstanceOf(BusFault.class);
                assertThatThrownBy(() -> device.store(offset, 4, 1)).isInstanceOf(BusFault.class);
            }
            assertThatThrownBy(() -> device.peek(0, 1)).isInstanceOf(BusFault.class);
        }
        assertThatThrownBy(() -> timer.load(16, 4)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> timer.store(Aclint.MTIME, 2, 0)).isInstanceOf(BusFault.class);
        assertThatThrownBy(() -> timer.load(Aclint.MTIME - 4, 4)).isInstanceOf(BusFault.class);
    }

    @Test
    void aRestoredTimerFiresWhenTheSavedOneWouldHave() {
        timer.store(0, 4, 500);
        timer.store(4, 4, 0);
        timer.store(Aclint.MTIME, 4, 100);
        StateWriter out = new StateWriter();
        clock.save(out);
        harts.forEach(hart -> hart.save(out));
        aclint.save(out);
        pass(1000);
        timer.store(0, 4, 7);
        StateReader in = new StateReader(out.toBytes());
        clock.restore(in);
        harts.forEach(hart -> hart.restore(in));
        aclint.restore(in);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isFalse();
        pass(399);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isFalse();
        pass(1);
        assertThat(pending(0, Trap.MACHINE_TIMER)).isTrue();
    }
}
