package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.Files;
import ferrite.kernel.sched.WaitQueueLayout;

/** The calls for files and devices of files. */
@Plumbing
abstract class FileDoor extends TaskDoor implements FileCalls {

    final Files files;

    FileDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.files = subsystems.files();
    }

    @Override public int cdevAdd(String name, long operations, long data) {
        int result = files.devices().register(name, operations, data);
        took(Kind.DEVICE_FILE, result == 0 ? base.strings().intern(name) : 0, 0);
        return result;
    }
    @Override public void cdevDel(String name) {
        files.devices().unregister(name);
        gaveBack(Kind.DEVICE_FILE, base.strings().intern(name));
    }

    // ---- operations of files ----

    @Override public long defaultLlseek(long file, long offset, int whence) {
        return files.llseek().defaultLlseek(file, offset, whence);
    }
    @Override public long noLlseek(long file, long offset, int whence) {
        return files.llseek().noLlseek(file, offset, whence);
    }
    @Override public long noopLlseek(long file, long offset, int whence) {
        return files.llseek().noopLlseek(file, offset, whence);
    }
    @Override public void pollWait(long file, long queue, long table) {
        files.polling().pollWait(queue == 0 ? 0 : checkedRecord(queue, WaitQueueLayout.SIZE, 0), table);
    }
    @Override public int nonseekableOpen(long file) { return files.llseek().nonseekableOpen(file); }
}
