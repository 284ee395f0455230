package ferrite.peripherals.virtio;

import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * One request of a driver to a device (section 2.7.5): buffers that the device reads, then buffers that it writes, each
 * with its own descriptor.
 *
 * <pre>
 * +----------------------+------------+-----------+----------+
 * | address, 64 bits     | length, 32 | flags, 16 | next, 16 |
 * +----------------------+------------+-----------+----------+
 * </pre>
 *
 * The device walks the chain once, when it takes it. Later changes to the descriptors have no effect.
 */
final class DescriptorChain {

    static final int DESCRIPTOR_BYTES = 16;
    static final int F_NEXT = 1;
    static final int F_WRITE = 1 << 1;
    static final int F_INDIRECT = 1 << 2;

    private static final long MAX_BYTES = 1L << 32;

    private final int head;
    private final Buffers readable;
    private final Buffers writable;

    private DescriptorChain(int head, Buffers readable, Buffers writable) {
        this.head = head;
        this.readable = readable;
        this.writable = writable;
    }

    /** Returns the index of the first descriptor, which identifies the chain to the driver. */
    int head() {
        return head;
    }

    /** Returns the buffers that the device reads. */
    Buffers readable() {
        return readable;
    }

    /** Returns the buffers that the device writes. */
    Buffers writable() {
        return writable;
    }

    /**
     * Walks a chain.
     *
     * @param table    a descriptor table in RAM
     * @param size     the number of descriptors in the table, and the maximum number of buffers in a chain
     * @param head     the index of the first descriptor
     * @param indirect true if a descriptor may refer to another table
     * @throws DriverError if the chain breaks a rule
     */
    static DescriptorChain walk(GuestMemory memory, long table, int size, int head, boolean indirect) {
        DescriptorChain chain = new DescriptorChain(head, new Buffers(memory), new Buffers(memory));
        byte[] descriptor = new byte[DESCRIPTOR_BYTES];
        long entries = size;
        boolean inIndirect = false;
        int index = head;
        for (;;) {
            if (index >= entries) {
                throw new DriverError("descriptor " + index + " is out of range: its table has " + entries);
            }
            memory.read(table + (long) index * DESCRIPTOR_BYTES, descriptor, 0, DESCRIPTOR_BYTES);
            long address = number(descriptor, 0, 8);
            long length = number(descriptor, 8, 4);
            int flags = (int) number(descriptor, 12, 2);
            if ((flags & F_INDIRECT) != 0) {
                requireIndirect(indirect, inIndirect, flags, length);
                memory.require(address, length, "an indirect table");
                inIndirect = true;
                table = address;
                entries = length / DESCRIPTOR_BYTES;
                index = 0;
                continue;
            }
            if (chain.readable.count() + chain.writable.count() == size) {
                throw new DriverError("the chain that begins at descriptor " + head
                        + " leads back to itself, or has more descriptors than the queue, " + size);
            }
            memory.require(address, length, "a buffer");
            chain.add(address, length, (flags & F_WRITE) != 0);
            if ((flags & F_NEXT) == 0) {
                return chain;
            }
            index = (int) number(descriptor, 14, 2);
        }
    }

    /** Checks an indirect descriptor (sections 2.7.5.3.1 and 2.7.5.3.2). */
    private static void requireIndirect(boolean negotiated, boolean inIndirect, int flags, long length) {
        if (!negotiated) {
            throw new DriverError("a descriptor is indirect, but VIRTIO_F_INDIRECT_DESC was not negotiated");
        }
        if (inIndirect) {
            throw new DriverError("a descriptor of an indirect table is indirect itself");
        }
        if ((flags & F_NEXT) != 0) {
            throw new DriverError("a descriptor is indirect, and has a next one");
        }
        if (length == 0 || length % DESCRIPTOR_BYTES != 0) {
            throw new DriverError("an indirect table has " + length
                    + " bytes; a positive multiple of " + DESCRIPTOR_BYTES + " would be right");
        }
    }

    private void add(long address, long length, boolean write) {
        if (!write && writable.count() > 0) {
            throw new DriverError("a buffer that the device reads comes after one that it writes");
        }
        (write ? writable : readable).add(address, length);
        requireBytes();
    }

    private void requireBytes() {
        if (readable.bytes() + writable.bytes() > MAX_BYTES) {
            throw new DriverError("the buffers of a chain have more than 4 GiB together");
        }
    }

    private static long number(byte[] bytes, int at, int width) {
        long value = 0;
        for (int i = width - 1; i >= 0; i--) {
            value = value << 8 | bytes[at + i] & 0xff;
        }
        return value;
    }

    // ---- state ----

    /** Saves a chain, or a marker if {@code chain} is null. */
    static void save(StateWriter out, DescriptorChain chain) {
        out.put32(chain == null ? -1 : chain.head);
        if (chain != null) {
            chain.readable.save(out);
            chain.writable.save(out);
        }
    }

    static DescriptorChain restore(StateReader in, GuestMemory memory) {
        int head = in.get32(-1, VirtQueue.MAX_SIZE - 1);
        if (head < 0) {
            return null;
        }
        DescriptorChain chain = new DescriptorChain(head, Buffers.restore(in, memory), Buffers.restore(in, memory));
        int count = chain.readable.count() + chain.writable.count();
        StateReader.requireThat(count >= 1 && count <= VirtQueue.MAX_SIZE, "a chain of " + count + " buffers");
        DriverError.refuse(chain::requireBytes);
        return chain;
    }
}
