package ferrite.scenarios.qemu;

import java.util.List;
import java.util.Random;

/** Random values that are likely to find mistakes. */
public final class Choice {

    private static final int[] EDGES = {0, 1, 2, 3, 4, 7, 8, 31, 32, 33, 0x7f, 0x80, 0xff, 0x7ff, 0x800, 0xfff, 0x7fff,
            0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_8000, 0xffff_ffe0, 0xffff_fffe,
            0xffff_ffff, 0x5555_5555, 0xaaaa_aaaa};

    private final Random random;

    public Choice(Random random) {
        this.random = random;
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    /** Returns true once in {@code n} times. */
    public boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    public int word() {
        return random.nextInt();
    }

    public int[] words(int count) {
        return random.ints(count).toArray();
    }

    /** Returns an edge, a neighbour of one, a few bits, or any value. */
    public int operand() {
        return switch (below(6)) {
            case 0, 1 -> EDGES[below(EDGES.length)];
            case 2 -> EDGES[below(EDGES.length)] + below(5) - 2;
            case 3 -> 1 << below(32);
            case 4 -> word() >> below(32);
            default -> word();
        };
    }

    public <T> T of(List<T> list) {
        return list.get(below(list.size()));
    }

    public int of(int... values) {
        return values[below(values.length)];
    }

    /** Returns a register that a program may write. gp and tp belong to the harness. */
    public int destination() {
        int register = below(32);
        return register == Code.GP || register == Code.TP ? Code.T0 : register;
    }

    /** Returns a destination other than x0. */
    public int register() {
        int register = destination();
        return register == 0 ? Code.T1 : register;
    }

    public int registerOtherThan(int other) {
        int register = register();
        return register != other ? register : other == Code.T1 ? Code.T2 : Code.T1;
    }
}
