package ferrite.hardware.hart;

/** Products and quotients of M (unprivileged specification, chapter 7) for which Java has no operator. */
public final class Multiplication {

    private Multiplication() { }

    /** Returns the high half of the product of two signed factors. */
    public static int mulh(int x, int y) {
        return (int) ((long) x * y >> 32);
    }

    /** Returns the high half of the product of a signed and an unsigned factor. */
    public static int mulhsu(int x, int y) {
        return (int) (x * (y & 0xffff_ffffL) >> 32);
    }

    /** Returns the high half of the product of two unsigned factors. */
    public static int mulhu(int x, int y) {
        return (int) ((x & 0xffff_ffffL) * (y & 0xffff_ffffL) >>> 32);
    }

    // Table 7.1: division by zero gives a quotient of all ones and the dividend as remainder. On overflow the quotient
    // is the dividend, as in Java.

    public static int div(int x, int y) {
        return y == 0 ? -1 : x / y;
    }

    public static int divu(int x, int y) {
        return y == 0 ? -1 : Integer.divideUnsigned(x, y);
    }

    public static int rem(int x, int y) {
        return y == 0 ? x : x % y;
    }

    public static int remu(int x, int y) {
        return y == 0 ? x : Integer.remainderUnsigned(x, y);
    }
}
