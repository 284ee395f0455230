package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.fs.Sysfs;
import ferrite.kernel.fs.SysfsTree;
import java.util.List;

/** {@code /sys/block/DISK}: {@code ro size stat}, and the limits of its queue. */
final class BlockTree implements SysfsTree {

    private static final int FOR_READING = 0444;
    private static final int FOR_WRITING = 0644;
    private static final int SECTORS_PER_KB = 2;
    private static final String QUEUE = "queue";
    private static final String READ_AHEAD = "read_ahead_kb";

    private final KernelMemory memory;
    private final Gendisks disks;

    BlockTree(BlockState state, Gendisks disks) {
        this.memory = state.base().memory();
        this.disks = disks;
    }

    private long disk(String name) {
        return disks.listed(memory).stream().filter(disk -> GendiskLayout.NAME.get(memory, disk).equals(name))
                .findFirst().orElse(0L);
    }

    @Override
    public List<Sysfs.Node> list(List<String> path) {
        if (path.isEmpty()) {
            return disks.listed(memory).stream()
                    .map(disk -> Sysfs.Node.directory(GendiskLayout.NAME.get(memory, disk))).toList();
        }
        if (disk(path.get(0)) == 0) {
            return null;
        }
        return path.size() == 1 ? List.of(Sysfs.Node.directory(QUEUE), Sysfs.Node.file("ro", FOR_READING),
                Sysfs.Node.file("size", FOR_READING), Sysfs.Node.file("stat", FOR_READING))
                : path.size() == 2 && path.get(1).equals(QUEUE)
                        ? List.of(Sysfs.Node.file("logical_block_size", FOR_READING),
                        Sysfs.Node.file("max_sectors_kb", FOR_READING), Sysfs.Node.file("max_segments", FOR_READING),
                        Sysfs.Node.file(READ_AHEAD, FOR_WRITING)) : null;
    }

    @Override
    public String show(List<String> path) {
        long disk = disk(path.get(0));
        if (disk == 0) {
            return null;
        }
        long queue = GendiskLayout.QUEUE.get(memory, disk);
        return switch (path.get(path.size() - 1)) {
            case "ro" -> GendiskLayout.READ_ONLY.get(memory, disk) + "\n";
            case "size" -> GendiskLayout.CAPACITY.get(memory, disk) + "\n";
            case "stat" -> DiskStatsFile.columns(memory, disk).substring(1) + "\n";
            case "logical_block_size" -> RequestQueueLayout.LOGICAL_BLOCK_SIZE.get(memory, queue) + "\n";
            case "max_sectors_kb" -> RequestQueueLayout.MAX_SECTORS.get(memory, queue) / SECTORS_PER_KB + "\n";
            case "max_segments" -> RequestQueueLayout.MAX_SEGMENTS.get(memory, queue) + "\n";
            default -> RequestQueueLayout.READ_AHEAD_KB.get(memory, queue) + "\n";
        };
    }

    @Override
    public int store(List<String> path, String text) {
        long disk = disk(path.get(0));
        if (disk == 0) {
            return -Errno.ENODEV;
        }
        if (!text.matches("[0-9]{1,6}")) {
            return -Errno.EINVAL;
        }
        RequestQueueLayout.READ_AHEAD_KB.set(memory, GendiskLayout.QUEUE.get(memory, disk), Integer.parseInt(text));
        return 0;
    }
}
