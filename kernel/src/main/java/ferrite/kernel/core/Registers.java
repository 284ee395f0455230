package ferrite.kernel.core;

import ferrite.kernel.base.Pointer;

/**
 * The registers of a device that boot maps with {@code ioremap}. Their address is in the root page, and cached here.
 */
public final class Registers {

    private final KernelBase base;
    private final Pointer field;
    private long address;

    /** @param field of the root page, for the address */
    public Registers(KernelBase base, Pointer field) {
        this.base = base;
        this.field = field;
    }

    /** Stores the address. Boot. */
    public void mappedAt(long va) {
        field.set(base.memory(), base.root(), va);
    }

    /** The virtual address of the first register. */
    public long address() {
        if (address == 0) {
            address = base.rootAddress(field);
        }
        return address;
    }
}
