package ferrite.peripherals.rtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ferrite.hardware.bus.BusFault;
import ferrite.hardware.clock.Clock;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import ferrite.peripherals.fault.DeviceFaults;
import ferrite.peripherals.fault.Fault;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The real-time clock as software sees it. */
class RtcTest {

    private static final long START = 1_796_000_000L * 1_000_000_000L;

    private final Clock clock = new Clock();
    private boolean interrupt;
    private final Rtc rtc = new Rtc(clock, level -> interrupt = level, START);

    private long time(int register) {
        return rtc.load(register, 4) & 0xffff_ffffL | (long) rtc.load(register + 4, 4) << 32;
    }

    private void store(int register, long time) {
        rtc.store(register + 4, 4, (int) (time >>> 32));
        rtc.store(register, 4, (int) time);
    }

    private void pass(long nanoseconds) {
        long end = clock.now() + nanoseconds / 10;
        while (clock.nextDue() <= end) {
            clock.jumpTo(clock.nextDue());
            clock.fireDue();
        }
        clock.jumpTo(end);
    }

    @Test
    void theTimeIsThatOfTheMachineAndCanBeSet() {
        assertThat(time(RtcRegisters.TIME_LOW)).isEqualTo(START);
        pass(5_000_000_000L);
        assertThat(time(RtcRegisters.TIME_LOW)).isEqualTo(START + 5_000_000_000L);
        store(RtcRegisters.TIME_LOW, 1_000_000_000_000L);
        pass(10);
        assertThat(time(RtcRegisters.TIME_LOW)).isEqualTo(1_000_000_000_010L);
    }

    /** The low half overflows between the two loads. */
    @Test
    void bothHalvesAreOfOneMoment() {
        store(RtcRegisters.TIME_LOW, 0x1_ffff_fff0L);
        int low = rtc.load(RtcRegisters.TIME_LOW, 4);
        pass(1000);
        assertThat(low).isEqualTo(0xffff_fff0);
        assertThat(rtc.load(RtcRegisters.TIME_HIGH, 4)).isEqualTo(1);
        rtc.peek(RtcRegisters.TIME_LOW, 4);
        assertThat(rtc.load(RtcRegisters.TIME_HIGH, 4)).as("a debugger's look keeps no half").isEqualTo(1);
    }

    @Test
    void anAlarmInterruptsOnceWhenItIsEnabled() {
        store(RtcRegisters.ALARM_LOW, START + 1000);
        assertThat(rtc.load(RtcRegisters.ALARM_STATUS, 4)).isEqualTo(1);
        pass(990);
        rtc.store(RtcRegisters.IRQ_ENABLED, 4, 1);
        assertThat(interrupt).isFalse();
        pass(10);
        assertThat(interrupt).isTrue();
        assertThat(rtc.load(RtcRegisters.ALARM_STATUS, 4)).isZero();
        rtc.store(RtcRegisters.CLEAR_INTERRUPT, 4, 1);
        assertThat(interrupt).isFalse();
        store(RtcRegisters.ALARM_LOW, START);
        assertThat(interrupt).as("a past alarm rings at once").isTrue();
        rtc.store(RtcRegisters.CLEAR_INTERRUPT, 4, 1);
        store(RtcRegisters.ALARM_LOW, START + 5000);
        rtc.store(RtcRegisters.CLEAR_ALARM, 4, 1);
        pass(10_000);
        assertThat(interrupt).as("the alarm was cleared").isFalse();
    }

    @Test
    void aSavedClockGoesOn() {
        store(RtcRegisters.ALARM_LOW, START + 1000);
        rtc.store(RtcRegisters.IRQ_ENABLED, 4, 1);
        StateWriter out = new StateWriter();
        clock.save(out);
        rtc.save(out);
        pass(2000);
        rtc.store(RtcRegisters.TIME_LOW, 4, 0);
        rtc.store(RtcRegisters.CLEAR_INTERRUPT, 4, 1);
        StateReader in = new StateReader(out.toBytes());
        clock.restore(in);
        rtc.restore(in);
        assertThat(time(RtcRegisters.TIME_LOW)).isEqualTo(START);
        pass(1000);
        assertThat(interrupt).isTrue();
    }

    /** It goes when the alarm should ring, and a restored clock is gone too. */
    @Test
    void aClockThatIsPulledOutReadsAsOnes() {
        DeviceFaults faults = DeviceFaults.of("rtc0", List.of(Fault.parse("rtc0=removed@2")), 0);
        Rtc faulty = new Rtc(clock, level -> interrupt = level, START, faults);
        faulty.store(RtcRegisters.IRQ_ENABLED, 4, 1);
        for (int alarm = 1; alarm <= 2; alarm++) {
            long time = START + alarm * 1000L;
            faulty.store(RtcRegisters.ALARM_HIGH, 4, (int) (time >>> 32));
            faulty.store(RtcRegisters.ALARM_LOW, 4, (int) time);
            assertThat(faulty.load(RtcRegisters.ALARM_STATUS, 4)).isEqualTo(1);
            pass(1000);
            assertThat(interrupt).as("alarm " + alarm).isEqualTo(alarm == 1);
        }
        StateWriter saved = new StateWriter();
        faulty.save(saved);
        Rtc restored = new Rtc(new Clock(), level -> interrupt = level, START,
                DeviceFaults.of("rtc0", List.of(Fault.parse("rtc0=removed@2")), 0));
        restored.restore(new StateReader(saved.toBytes()));
        for (Rtc gone : List.of(faulty, restored)) {
            gone.store(RtcRegisters.IRQ_ENABLED, 4, 1);
            gone.store(RtcRegisters.ALARM_LOW, 4, 0);
            assertThat(gone.load(RtcRegisters.TIME_LOW, 4)).isEqualTo(-1);
            assertThat(gone.load(RtcRegisters.ALARM_STATUS, 4)).isEqualTo(-1);
        }
        assertThat(interrupt).isFalse();
    }

    @Test
    void randomAccessesGiveNothingWorseThanABusFault() {
        Random random = new Random(5);
        for (int i = 0; i < 5000; i++) {
            int register = random.nextInt(12) * 4;
            try {
                if (random.nextBoolean()) {
                    rtc.store(register, 4, random.nextInt());
                } else {
                    rtc.load(register, 4);
                }
            } catch (BusFault fault) {
                assertThat(register).isNotEqualTo(RtcRegisters.TIME_LOW);
            }
            pass(random.nextInt(10_000));
        }
        assertThatThrownBy(() -> rtc.load(RtcRegisters.TIME_LOW, 1)).isInstanceOf(BusFault.class);
    }
}
