package ferrite.kernel.core;

/**
 * The registers of a device that boot maps with {@code ioremap}. Their address is in the root page, and cached here.
 */
public final class Registers {

    private final KernelBase base;
    private final int offset;
    private long address;

    /** @param offset of the address in the root page */
    public Registers(KernelBase base, int offset) {
        this.base = base;
        this.offset = offset;
    }

    /** Stores the address. Boot. */
    public void mappedAt(long va) {
        base.memory().storeAddress(base.root() + offset, va);
    }

    /** The virtual address of the first register. */
    public long address() {
        if (address == 0) {
            address = base.rootAddress(offset);
        }
        return address;
    }
}
