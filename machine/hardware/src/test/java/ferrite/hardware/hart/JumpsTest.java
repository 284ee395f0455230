package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JumpsTest {

    private final Jumps jumps = new Jumps();

    @Test
    void aTargetIsNewOnce() {
        assertThat(jumps.targets(0x1000)).isEmpty();
        assertThat(jumps.note(0x1000, 0x30)).isTrue();
        assertThat(jumps.note(0x1000, 0x20)).isTrue();
        assertThat(jumps.note(0x1000, 0x30)).isFalse();
        assertThat(jumps.note(0x1002, 0x30)).isTrue();
        assertThat(jumps.targets(0x1000)).containsExactly(0x20, 0x30);
        assertThat(jumps.targets(0x1002)).containsExactly(0x30);
    }

    @Test
    void thereAreLimitsForJumpsAndForTheTargetsOfEach() {
        for (int target = 0; target < 48; target++) {
            assertThat(jumps.note(0, target)).isTrue();
        }
        assertThat(jumps.note(0, 48)).isFalse();
        for (int pc = 1; pc < 512; pc++) {
            assertThat(jumps.note(pc, 7)).isTrue();
        }
        assertThat(jumps.note(512, 7)).isFalse();
        assertThat(jumps.targets(512)).isEmpty();
        assertThat(jumps.note(511, 8)).isTrue();
        for (int pc = 1; pc < 512; pc++) {
            assertThat(jumps.targets(pc)).contains(7);
        }
    }
}
