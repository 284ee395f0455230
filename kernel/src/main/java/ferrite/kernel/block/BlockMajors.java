package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Pointer;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.log.StringTable;
import java.util.Map;
import java.util.TreeMap;

/**
 * The major numbers of block devices (LDD3 chapter 16, "Block Driver Registration"): {@code struct blk_major_name}s.
 */
public final class BlockMajors {

    private static final int SIZE = 16;

    static final Struct STRUCT = Struct.of("blk_major_name", SIZE);

    private static final Embedded NODE = STRUCT.list("next", 0);
    private static final Word MAJOR = STRUCT.u32("major", 8);
    private static final Pointer NAME = STRUCT.pointer("name", 12, "char");

    /** Linux's: numbers are below this, and are given out from the last free one below 255 down. */
    private static final int BLKDEV_MAJOR_MAX = 512;
    private static final int HIGHEST = 254;
    private static final int MAX_MAJORS = 512;

    private final BlockState state;
    private final KernelMemory memory;

    BlockMajors(BlockState state) {
        this.state = state;
        this.memory = state.base().memory();
    }

    /**
     * {@code register_blkdev}: takes a major number. May sleep.
     *
     * @param major 0 for a free one
     * @return the number if it was 0, or else 0; or a negative {@link Errno}: EBUSY if it is taken
     */
    public int register(int major, String name) {
        if (major < 0 || major >= BLKDEV_MAJOR_MAX) {
            return -Errno.EINVAL;
        }
        long record = state.make() ? state.mm().kmalloc().kzalloc(SIZE, Gfp.GFP_KERNEL) : 0;
        if (record == 0) {
            return -Errno.ENOMEM;
        }
        NAME.set(memory, record, state.base().strings().intern(name));
        int flags = state.lock();
        Map<Integer, String> taken = all(memory);
        int chosen = major;
        for (int i = HIGHEST; chosen == 0 && i > 0; i--) {
            chosen = taken.containsKey(i) ? 0 : i;
        }
        boolean isFree = chosen != 0 && !taken.containsKey(chosen);
        if (isFree) {
            MAJOR.set(memory, record, chosen);
            ListHead.addTail(memory, NODE.at(record), BlockLayout.MAJORS.at(state.get()));
        }
        state.unlock(flags);
        if (!isFree) {
            state.mm().kmalloc().kfree(record);
            return -Errno.EBUSY;
        }
        return major == 0 ? chosen : 0;
    }

    /** {@code unregister_blkdev}: gives a major number back. May sleep. */
    public void unregister(int major) {
        if (state.find(memory) == 0) {
            return;
        }
        int flags = state.lock();
        long found = 0;
        for (long node : ListHead.nodes(memory, BlockLayout.MAJORS.at(state.get()), MAX_MAJORS)) {
            found = MAJOR.get(memory, NODE.containerOf(node)) == major ? NODE.containerOf(node) : found;
        }
        if (found != 0) {
            ListHead.delete(memory, NODE.at(found));
        }
        state.unlock(flags);
        state.mm().kmalloc().kfree(found);
    }

    /** Returns the names by their numbers. The list is locked, or the view stands still. */
    Map<Integer, String> all(ReadableMemory view) {
        Map<Integer, String> all = new TreeMap<>();
        long block = state.find(view);
        if (block != 0) {
            for (long node : ListHead.nodes(view, BlockLayout.MAJORS.at(block), MAX_MAJORS)) {
                long record = NODE.containerOf(node);
                all.put(MAJOR.get(view, record), StringTable.read(view, NAME.get(view, record)));
            }
        }
        return all;
    }
}
