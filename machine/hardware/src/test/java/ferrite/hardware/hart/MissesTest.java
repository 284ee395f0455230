package ferrite.hardware.hart;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The count of the accesses that often miss the fast path. */
class MissesTest {

    private static final int PC = 0x8000_0010;
    /** An address with the same place in the table. */
    private static final int OTHER = PC ^ 1 << 11 ^ 1 << 1;

    private final Misses misses = new Misses();

    private boolean note(int pc, int times) {
        boolean isNew = false;
        for (int i = 0; i < times; i++) {
            isNew = misses.note(pc);
        }
        return isNew;
    }

    @Test
    void anAccessOftenMissesAfterAHundredMisses() {
        assertThat(note(PC, Misses.OFTEN - 1)).isFalse();
        assertThat(misses.areOften(PC)).isFalse();
        assertThat(note(PC, 1)).as("the hundredth").isTrue();
        assertThat(misses.areOften(PC)).isTrue();
        assertThat(note(PC, 1)).as("it was known before").isFalse();
        assertThat(misses.areOften(OTHER)).isFalse();
    }

    @Test
    void oneThatOftenMissesKeepsItsPlace() {
        note(PC, Misses.OFTEN);
        assertThat(note(OTHER, 2 * Misses.OFTEN)).isFalse();
        assertThat(misses.areOften(PC)).isTrue();
        assertThat(misses.areOften(OTHER)).isFalse();
    }

    @Test
    void oneThatSeldomMissesMakesRoom() {
        note(PC, Misses.OFTEN - 1);
        assertThat(note(OTHER, Misses.OFTEN)).isTrue();
        assertThat(misses.areOften(OTHER)).isTrue();
        assertThat(misses.areOften(PC)).isFalse();
    }
}
