package ferrite.hardware.turn;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusDevice;
import ferrite.hardware.bus.BusMaster;
import org.junit.jupiter.api.Test;

/** The requests of a debugger that is attached are served soon, and the run stays as it is. */
class AttachedDebuggerTest {

    private static final long DEVICE = 0xf001_0000L;
    /** The hart asks the device for a request, and then jumps to itself. */
    private static final int[] PROGRAM = {
        0xf001_0537,                                   // lui x10, 0xf0010
        0x0005_2023,                                   // sw x0, 0(x10)
        0x0000_006f,                                   // j .
    };

    private long posted;
    private long served;

    private String digest(int debuggers) {
        try (Machine machine = new Machine(new Machine.Configuration(0, 4096, 1, 0, Interleavings.RR, 0))) {
            for (int i = 0; i < PROGRAM.length; i++) {
                machine.bus().store(BusMaster.host("test"), 4L * i, 4, PROGRAM[i]);
            }
            machine.bus().attach("device", DEVICE, 0x10, new BusDevice() {
                @Override
                public int load(long offset, int width) {
                    return 0;
                }

                @Override
                public void store(long offset, int width, int value) {
                    posted = machine.clock().now();
                    machine.control().post(() -> served = machine.clock().now());
                }

                @Override
                public int peek(long offset, int width) {
                    return 0;
                }
            });
            machine.control().countDebuggers(debuggers);
            machine.turn().limitInstructions(100_000);
            machine.turn().run();
            return machine.digest().toString();
        }
    }

    @Test
    void aRequestIsServedBeforeTheEndOfALongSlice() {
        String alone = digest(0);
        assertThat(served - posted).as("a hart that is alone has long slices").isGreaterThan(30_000);
        String attached = digest(1);
        assertThat(served - posted).isBetween(1L, 8000L);
        assertThat(attached).isEqualTo(alone);
    }
}
