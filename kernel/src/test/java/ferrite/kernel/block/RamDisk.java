package ferrite.kernel.block;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.KernelFixture;
import ferrite.kernel.base.Errno;
import ferrite.kernel.driver.KernelCalls;
import java.util.ArrayList;
import java.util.List;

/** A disk of a test, with its bytes on the host. It serves its requests in the request function. */
final class RamDisk implements BlockDeviceOperations {

    static final int SECTOR = 512;

    final List<String> requests = new ArrayList<>();
    final byte[] bytes;
    /** A sector that cannot be read or written; -1 for none. */
    long bad = -1;
    int opened;
    boolean isChanged;
    /** What the driver does before it serves requests. */
    Runnable before = () -> { };
    long queue;
    long disk;
    private final KernelFixture fixture;
    private final long operations;
    private final long function;

    RamDisk(KernelFixture fixture, int sectors) {
        this.fixture = fixture;
        this.bytes = new byte[sectors * SECTOR];
        this.operations = fixture.text("ram_ops", this);
        this.function = fixture.text("ram_request", (RequestFn) this::request);
    }

    private KernelCalls calls() {
        return fixture.kernel().calls();
    }

    private KernelMemory memory() {
        return fixture.memory();
    }

    /** Makes the queue and the disk, and shows it. In a task. */
    RamDisk add(String name) {
        int major = calls().registerBlkdev(0, name);
        KernelFixture.check(major > 0, "a major number");
        queue = calls().blkInitQueue(function, 0);
        disk = calls().allocDisk(1);
        GendiskLayout.MAJOR.set(memory(), disk, major);
        GendiskLayout.NAME.set(memory(), disk, name);
        GendiskLayout.FOPS.set(memory(), disk, operations);
        GendiskLayout.QUEUE.set(memory(), disk, queue);
        calls().setCapacity(disk, bytes.length / SECTOR);
        KernelFixture.check(calls().addDisk(disk) == 0, "added");
        return this;
    }

    /** Undoes {@link #add}. In a task. */
    void remove() {
        int major = GendiskLayout.MAJOR.get(memory(), disk);
        calls().delGendisk(disk);
        calls().blkCleanupQueue(queue);
        calls().putDisk(disk);
        calls().unregisterBlkdev(major, "ram");
    }

    private void request(long served) {
        before.run();
        for (long req = calls().blkFetchRequest(served); req != 0; req = calls().blkFetchRequest(served)) {
            long first = calls().blkRqPos(req);
            int count = calls().blkRqBytes(req) / SECTOR;
            int operation = calls().reqOp(req);
            requests.add("RWF".charAt(operation) + " " + first + "+" + count);
            boolean fails = first <= bad && bad < first + count;
            int[] at = {(int) first * SECTOR};
            calls().rqForEachSegment(req, (page, offset, length) -> {
                if (!fails) {
                    move(operation, page, offset, length, at[0]);
                }
                at[0] += length;
            });
            calls().__blkEndRequestAll(req, fails ? -Errno.EIO : 0);
        }
    }

    private void move(int operation, long page, int offset, int length, int at) {
        long va = calls().kmapAtomic(page);
        if (operation == BioLayout.REQ_OP_WRITE) {
            memory().read(va + offset, bytes, at, length);
        } else {
            memory().write(va + offset, bytes, at, length);
        }
        calls().kunmapAtomic(va);
    }

    @Override
    public int open(long gendisk, int mode) {
        opened++;
        calls().checkDiskChange(gendisk);
        return 0;
    }

    @Override
    public void release(long gendisk, int mode) {
        opened--;
    }

    @Override
    public boolean mediaChanged(long gendisk) {
        return isChanged;
    }

    @Override
    public int revalidateDisk(long gendisk) {
        isChanged = false;
        return 0;
    }

    @Override
    public int ioctl(long gendisk, int mode, int command, long argument) {
        return command == 1 ? (int) argument : -Errno.ENOTTY;
    }
}
