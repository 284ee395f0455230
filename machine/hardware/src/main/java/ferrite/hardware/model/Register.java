package ferrite.hardware.model;

import ferrite.hardware.report.Hex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * A register of a device, or a word of its state that software does not see ({@link DeviceBuilder#state}). Values are
 * in the low bits, and zero in all others. It is saved with the machine.
 */
public final class Register {

    private static final int HIDDEN = -1;

    private final ModelDevice device;
    private final String name;
    private final int offset;
    private final int width;
    private final RegisterAccess access;
    private final List<BitField> fields = new ArrayList<>();
    private int atReset;
    private int writable;
    private IntSupplier computed;
    private Runnable afterRead;
    private IntConsumer afterWrite;
    private int value;

    Register(ModelDevice device, String name, int offset, int width, RegisterAccess access) {
        this.device = device;
        this.name = name;
        this.offset = offset;
        this.width = width;
        this.access = access;
        this.writable = mask();
    }

    static Register hidden(ModelDevice device, String name) {
        return new Register(device, name, HIDDEN, 4, RegisterAccess.RO);
    }

    // ---- declaration ----

    /** Declares the value at power-on and after a reset; 0 otherwise. */
    public Register reset(int newValue) {
        device.requireBuilding(this + ".reset");
        require(newValue);
        atReset = newValue;
        return this;
    }

    /** Declares the bits of an {@link RegisterAccess#RW} register that software changes. It leaves the others. */
    public Register writable(int mask) {
        device.requireBuilding(this + ".writable");
        require(mask);
        writable = mask;
        return this;
    }

    /**
     * Declares that the value is computed when it is read: a counter of time, the head of a queue. The function changes
     * nothing, because a debugger calls it too.
     */
    public Register value(IntSupplier function) {
        device.requireBuilding(this + ".value");
        computed = function;
        return this;
    }

    /** Declares the effect of software's read, after the value was taken: a queue moves on, an interrupt ends. */
    public Register onRead(Runnable effect) {
        device.requireBuilding(this + ".onRead");
        afterRead = effect;
        return this;
    }

    /**
     * Declares the effect of software's write, after it has changed the value as {@link RegisterAccess} says. The
     * effect gets the value that was written, with all bits.
     */
    public Register onWrite(IntConsumer effect) {
        device.requireBuilding(this + ".onWrite");
        afterWrite = effect;
        return this;
    }

    /** Declares a field of one bit. */
    public BitField bit(String field, int number) {
        return bits(field, number, 1);
    }

    /** Declares a field of some bits, from {@code low} on. The monitor shows it by its name. */
    public BitField bits(String field, int low, int bits) {
        device.requireBuilding(this + ".bits");
        if (low < 0 || bits < 1 || low + bits > 8 * width) {
            throw new ModelException("the field " + field + " of " + this + " has " + bits + " bits from bit " + low
                    + " on, and the register has bits 0 to " + (8 * width - 1));
        }
        BitField added = new BitField(this, field, low, bits);
        for (BitField other : fields) {
            if ((other.mask() & added.mask()) != 0 || other.name().equals(field)) {
                throw new ModelException("the fields " + other.name() + " and " + field + " of " + this
                        + " share bits, or a name");
            }
        }
        fields.add(added);
        return added;
    }

    // ---- the model's side ----

    /** Returns the value. */
    public int get() {
        return value;
    }

    /** Sets the value, without an effect. It must fit the register's width. */
    public void set(int newValue) {
        device.requireCall();
        require(newValue);
        value = newValue;
    }

    /** Returns the name for sentences. */
    @Override
    public String toString() {
        return name;
    }

    private int require(int newValue) {
        if ((newValue & ~mask()) != 0) {
            throw new ModelException(name + " is " + width + (width == 1 ? " byte" : " bytes") + " wide, and 0x"
                    + Integer.toHexString(newValue) + " does not fit");
        }
        return newValue;
    }

    /** Returns the bits that a value may have. */
    int mask() {
        return width == 4 ? -1 : (1 << 8 * width) - 1;
    }

    // ---- the machine's side ----

    boolean isHidden() {
        return offset == HIDDEN;
    }

    int offset() {
        return offset;
    }

    int end() {
        return offset + width;
    }

    int width() {
        return width;
    }

    RegisterAccess access() {
        return access;
    }

    List<BitField> fields() {
        return fields;
    }

    /** Returns the value that software would read. */
    int peek() {
        return computed == null ? value : require(computed.getAsInt());
    }

    void wasRead() {
        if (afterRead != null) {
            afterRead.run();
        }
    }

    void write(int written) {
        int fits = written & mask();
        value = switch (access) {
            case RW -> value & ~writable | fits & writable;
            case W1C -> value & ~fits;
            default -> fits;
        };
        if (afterWrite != null) {
            afterWrite.accept(fits);
        }
    }

    void toReset() {
        value = atReset;
    }

    void restore(int saved) {
        value = saved;
    }

    /** Shows a value, in hexadecimal, and the fields that are not zero. */
    String show(int shown) {
        StringBuilder text = new StringBuilder("0x").append(Hex.digits(shown & 0xffff_ffffL, 2 * width));
        for (BitField field : fields) {
            if (field.of(shown) != 0) {
                text.append(' ').append(field.name());
                if (Integer.bitCount(field.mask()) > 1) {
                    text.append('=').append(Integer.toUnsignedString(field.of(shown)));
                }
            }
        }
        return text.toString();
    }
}
