package ferrite.hardware.turn;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.Machine;
import ferrite.hardware.bus.BusMaster;
import org.junit.jupiter.api.Test;

/** A hart that the controller wakes between two runs gets its turn at once, whatever else the controller does. */
class WokenHartTest {

    private static final int SOFTWARE_INTERRUPT = 3;
    /** Hart 1 waits for its software interrupt, and hart 0 computes. */
    private static final int[] PROGRAM = {
        0xf140_2573,                                   // csrr x10, mhartid
        0x0005_0863,                                   // beqz x10, compute
        0x3044_6073,                                   // csrsi mie, 8
        0x1050_0073,                                   // wfi
        0x0000_006f,                                   // j .
        0x0012_8293,                                   // compute: addi x5, x5, 1
        0xffdf_f06f,                                   // j compute
    };

    private static String digest(int furtherStop) {
        try (Machine machine = new Machine(new Machine.Configuration(0, 4096, 2, 0, Interleavings.RR, 0))) {
            for (int i = 0; i < PROGRAM.length; i++) {
                machine.bus().store(BusMaster.host("test"), 4L * i, 4, PROGRAM[i]);
            }
            machine.turn().limitInstructions(10_000);
            assertThat(machine.turn().run()).isEqualTo(Turn.Stop.INSTRUCTION_LIMIT);
            machine.harts().get(1).setInterruptWire(SOFTWARE_INTERRUPT, true);
            machine.turn().limitInstructions(furtherStop);
            machine.turn().run();
            machine.turn().limitInstructions(200_000);
            machine.turn().run();
            return machine.digest().toString();
        }
    }

    @Test
    void aStopAfterThatChangesNothing() {
        assertThat(digest(10_100)).isEqualTo(digest(190_000));
    }
}
