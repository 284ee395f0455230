package ferrite.hardware.model;

/** A named field of neighbouring bits of a register. */
public final class BitField {

    private final Register register;
    private final String name;
    private final int low;
    private final int width;

    BitField(Register register, String name, int low, int width) {
        this.register = register;
        this.name = name;
        this.low = low;
        this.width = width;
    }

    String name() {
        return name;
    }

    /** Names the field and its bits: {@code DONE:0}, {@code MODE:7-4}. */
    String place() {
        return name + ":" + (width == 1 ? "" : low + width - 1 + "-") + low;
    }

    /** Returns the bits of the field at their place in the register. */
    public int mask() {
        return (int) ((1L << width) - 1) << low;
    }

    /** Returns the field's value. */
    public int get() {
        return of(register.get());
    }

    /** Returns the field's part of a value of the register, such as the one that software writes. */
    public int of(int value) {
        return (value & mask()) >>> low;
    }

    /** Tells whether one of the field's bits is set. */
    public boolean isSet() {
        return get() != 0;
    }

    /** Sets the field, and leaves the register's other bits. The value must fit. */
    public void set(int value) {
        if (value << low >>> low != value || (value << low & ~mask()) != 0) {
            throw new ModelException("the field " + name + " of " + register + " has " + width
                    + (width == 1 ? " bit, and 0x" : " bits, and 0x") + Integer.toHexString(value) + " does not fit");
        }
        register.set(register.get() & ~mask() | value << low);
    }

    /** Sets all bits of the field. */
    public void set() {
        register.set(register.get() | mask());
    }

    /** Clears all bits of the field. */
    public void clear() {
        register.set(register.get() & ~mask());
    }
}
