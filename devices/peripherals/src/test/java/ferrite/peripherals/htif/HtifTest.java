package ferrite.peripherals.htif;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.bus.BusMaster;
import ferrite.hardware.bus.PhysicalBus;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.clock.Clock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HtifTest {

    private static final long TOHOST = 0x8000_1000L;
    private static final long FROMHOST = 0x8000_1040L;
    private static final long CALL = 0x8000_2000L;

    private final Clock clock = new Clock();
    private final PhysicalBus bus = new PhysicalBus(new Ram(0x8000_0000L, 1 << 20));
    private final BusMaster hart = new BusMaster("hart0", 34);
    private final List<String> said = new ArrayList<>();
    private final Htif htif = new Htif(bus, clock, TOHOST, OptionalLong.of(FROMHOST), new Htif.Host() {
        @Override
        public void exit(int code) {
            said.add("exit " + code);
        }

        @Override
        public void write(int descriptor, byte[] bytes) {
            said.add(descriptor + ": " + new String(bytes, StandardCharsets.US_ASCII));
        }

        @Override
        public void awaited() {
            said.add("awaited");
        }
    });

    @BeforeEach
    void watch() {
        htif.watch();
    }

    private void store(long pa, int value) {
        bus.store(hart, pa, 4, value);
    }

    private void look() {
        clock.jumpTo(clock.now() + 64);
        clock.fireDue();
    }

    private void tell(int high, int low) {
        store(TOHOST, low);
        store(TOHOST + 4, high);
        look();
    }

    private int systemCall(int... words) {
        for (int i = 0; i < words.length; i++) {
            store(CALL + 8L * i, words[i]);
        }
        tell(0, (int) CALL);
        assertThat(bus.load(hart, FROMHOST, 4)).as("the answer").isEqualTo(1);
        store(FROMHOST, 0);
        look();
        return bus.load(hart, CALL, 4);
    }

    @Test
    void anOddPayloadEndsTheProgramWithItsUpperBits() {
        tell(0, 1);
        tell(0, 7);
        assertThat(said).containsExactly("exit 0", "exit 3");
        assertThat(bus.load(hart, TOHOST, 4)).isZero();
    }

    @Test
    void theHostLooksAWhileAfterTheFirstHalfSoThatTheOrderOfHalvesDoesNotMatter() {
        store(TOHOST, 'A');                            // odd: without its upper half this would be an exit
        assertThat(said).isEmpty();
        store(TOHOST + 4, 0x0101_0000);
        look();
        store(TOHOST + 4, 0x0101_0000);
        store(TOHOST, 'B');
        look();
        assertThat(said).containsExactly("1: A", "1: B");
    }

    @Test
    void writeTakesBytesFromMemory() {
        bus.write(hart, CALL + 0x100, "hello".getBytes(StandardCharsets.US_ASCII), 0, 5);
        assertThat(systemCall(64, 1, (int) CALL + 0x100, 5)).isEqualTo(5);
        assertThat(systemCall(64, 2, (int) CALL + 0x101, 2)).isEqualTo(2);
        assertThat(systemCall(64, 3, (int) CALL + 0x100, 5)).as("EBADF").isEqualTo(-9);
        assertThat(systemCall(64, 1, 0x1000, 5)).as("EFAULT").isEqualTo(-14);
        assertThat(systemCall(64, 1, -4, 64)).as("EFAULT at the end of addresses").isEqualTo(-14);
        assertThat(systemCall(64, 1, (int) CALL, -1)).as("a negative length").isZero();
        assertThat(systemCall(63, 0, (int) CALL, 1)).as("ENOSYS").isEqualTo(-38);
        assertThat(said).containsExactly("1: hello", "2: el", "1: ");
        systemCall(93, 5);
        assertThat(said).endsWith("exit 5");
    }

    @Test
    void aByteThatIsReadIsAnsweredWhenThereIsOneAndRoomForIt() {
        tell(0x0100_0000, 0);
        assertThat(said).containsExactly("awaited");
        assertThat(htif.isAwaited()).isTrue();
        store(FROMHOST, 99);
        htif.receive('k');
        assertThat(htif.isAwaited()).isFalse();
        look();
        assertThat(bus.load(hart, FROMHOST, 4)).as("taken").isEqualTo(99);
        store(FROMHOST, 0);
        look();
        assertThat(bus.load(hart, FROMHOST, 4)).isEqualTo(0x100 | 'k');
        assertThat(bus.load(hart, FROMHOST + 4, 4)).isEqualTo(0x0100_0000);
    }

    @Test
    void whatMakesNoSenseIsIgnored() {
        tell(0x0200_0000, 4);
        tell(0x0001_0000, 4);
        tell(0xffff, -2);
        tell(0, 2);
        assertThat(said).isEmpty();
        assertThat(clock.nextDue()).as("nothing is left to be done").isEqualTo(Long.MAX_VALUE);
    }
}
