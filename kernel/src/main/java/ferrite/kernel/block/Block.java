package ferrite.kernel.block;

import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.BlockDevices;
import ferrite.kernel.fs.Files;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserMemory;
import java.util.Map;

/** Block devices: their parts, their files in {@code /dev}, {@code /proc} and {@code /sys/block}. */
public final class Block {

    private final BlockState state;
    private final BlockMajors majors;
    private final Gendisks disks;
    private final RequestQueues queues;
    private final Bios bios;
    private final BlockIo io;

    public Block(KernelBase base, TaskSystem tasks, MemoryManager mm, UserMemory user, Files files) {
        state = new BlockState(base, tasks, mm, files.devices());
        TextTable.Module module = base.text().newModule();
        BufferCache buffers = new BufferCache(state, module);
        majors = new BlockMajors(state);
        disks = new Gendisks(state, buffers);
        queues = new RequestQueues(state);
        bios = new Bios(state, queues);
        io = new BlockIo(state, bios, buffers, module);
        BlockFiles operations = new BlockFiles(state, disks, buffers, io, user, module);
        files.devices().serveBlockDevices(new BlockDevices() {
            @Override
            public long operations() {
                return operations.operations();
            }

            @Override
            public Map<Integer, String> majors(ReadableMemory view) {
                return majors.all(view);
            }
        });
        files.proc().add(new PartitionsFile(disks));
        files.proc().add(new DiskStatsFile(disks));
        files.sysfs().mount("block", new BlockTree(state, disks));
    }

    /** {@code sync}: flushes the write cache of each disk. Errors are not reported. Task context; may sleep. */
    public void sync() {
        for (long disk : disks.holdAll()) {
            if (state.enter(disk)) {
                io.flush(disk);
                state.leave(disk);
            }
            disks.put(disk);
        }
    }

    /** Major numbers. */
    public BlockMajors majors() {
        return majors;
    }

    /** Disks. */
    public Gendisks disks() {
        return disks;
    }

    /** Queues of requests. */
    public RequestQueues queues() {
        return queues;
    }

    /** Requests in queues. */
    public Requests requests() {
        return bios.requests();
    }

    /** Bios. */
    public Bios bios() {
        return bios;
    }
}
