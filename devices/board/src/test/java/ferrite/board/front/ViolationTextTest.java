package ferrite.board.front;

import static org.assertj.core.api.Assertions.assertThat;

import ferrite.hardware.report.Violation;
import org.junit.jupiter.api.Test;

/** The text of a violation, with all facts known and with few. */
class ViolationTextTest {

    private static Violation.Builder violation() {
        return new Violation.Builder("dma-above-reach",
                "channel 2 was given a buffer that a 24-bit DMA controller cannot address")
                .line("what", "disk0 tried to write 65536 bytes to memory at 0x0102_0000")
                .line("buffer", "0xc102_0000")
                .line("", "allocated at MyDriver.java:71");
    }

    private static String text(Violation violation) {
        return new ViolationText("ferrite run --seed 1").of(violation);
    }

    @Test
    void theMomentStandsBeforeTheExplanationAndTheReplayLineAtTheEnd() {
        Violation violation = violation().line("why", "GFP_KERNEL searches Normal first")
                .line("instead", "ask for GFP_DMA").build("mistake", new Violation.Moment(220_450, 48_213, 1));
        assertThat(text(violation)).isEqualTo("""
                violation dma-above-reach: channel 2 was given a buffer that a 24-bit DMA controller cannot address

                  what      disk0 tried to write 65536 bytes to memory at 0x0102_0000
                  buffer    0xc102_0000
                            allocated at MyDriver.java:71
                  when      2.204 ms, event 48213, hart 1
                  why       GFP_KERNEL searches Normal first
                  instead   ask for GFP_DMA
                  again     ferrite run --seed 1

                """);
    }

    @Test
    void aDevicesOwnDoingNamesNoHart() {
        Violation violation = violation().build("mistake", new Violation.Moment(100, 7, Violation.Moment.NO_HART));
        assertThat(text(violation)).contains("\n  when      0.001 ms, event 7\n  again ");
    }
}
