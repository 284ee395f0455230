package ferrite.kernel.driver;

import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.ResourceTracker.Kind;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.fs.CdevLayout;
import ferrite.kernel.fs.ClassDevices;
import ferrite.kernel.fs.DeviceAttributeLayout;
import ferrite.kernel.fs.FileLayout;
import ferrite.kernel.fs.Files;
import ferrite.kernel.fs.Kdev;
import ferrite.kernel.fs.KiocbLayout;
import ferrite.kernel.fs.MiscDeviceLayout;
import ferrite.kernel.sched.WaitQueue;
import ferrite.kernel.sched.WaitQueueLayout;

/** The calls for files, their devices, and wake-ups of their readers. */
@Plumbing
abstract class FileDoor extends TaskDoor
        implements FileCalls, AioCalls, ChrdevCalls, ProcCalls, SysfsCalls, WakeCalls {

    private static final int WORD = 4;
    private static final String BEFORE = "call it before the atomic section begins";

    final Files files;
    private final WaitQueue queues;

    FileDoor(KernelBase base, Subsystems subsystems) {
        super(base, subsystems);
        this.files = subsystems.files();
        this.queues = subsystems.tasks().waitQueues();
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

    // ---- device numbers ----

    /** The key of a region of device numbers: its first number. */
    private int tookRegion(int result, int dev, int count) {
        took(Kind.CHRDEV_REGION, result < 0 ? 0 : Integer.toUnsignedLong(dev), count);
        return result;
    }

    @Override public int allocChrdevRegion(long devVa, int baseMinor, int count, String name) {
        int result = files.devices().regions().alloc(used(devVa, WORD), baseMinor, count, name);
        return tookRegion(result, result < 0 ? 0 : memory.load32(devVa), count);
    }
    @Override public int registerChrdevRegion(int from, int count, String name) {
        return tookRegion(files.devices().regions().register(from, count, name), from, count);
    }
    @Override public void unregisterChrdevRegion(int from, int count) {
        files.devices().regions().unregister(from, count);
        gaveBack(Kind.CHRDEV_REGION, Integer.toUnsignedLong(from));
    }
    @Override public int registerChrdev(int major, String name, long operations) {
        int result = files.devices().regions().registerChrdev(major, name, operations);
        took(Kind.CHRDEV_MAJOR, result < 0 ? 0 : major + result, 0);
        return result;
    }
    @Override public void unregisterChrdev(int major, String name) {
        files.devices().regions().unregisterChrdev(major);
        gaveBack(Kind.CHRDEV_MAJOR, major);
    }
    @Override public int iminor(long file) { return Kdev.MINOR(FileLayout.RDEV.get(memory, file)); }
    @Override public int imajor(long file) { return Kdev.MAJOR(FileLayout.RDEV.get(memory, file)); }
    @Override public int printDevT(long buffer, int dev) {
        String text = numbers(dev) + "\n";
        memory.storeString(buffer, text, text.length() + 1);
        return text.length();
    }
    @Override public long formatDevT(long buffer, int dev) {
        String text = numbers(dev);
        memory.storeString(buffer, text, text.length() + 1);
        return buffer;
    }

    private static String numbers(int dev) {
        return Kdev.MAJOR(dev) + ":" + Kdev.MINOR(dev);
    }

    // ---- cdevs, classes, misc devices ----

    @Override public long cdevAlloc() {
        base.context().mightSleep("cdev_alloc", BEFORE);
        return took(Kind.CDEV, files.devices().alloc(), 0);
    }
    @Override public void cdevInit(long cdev, long operations) {
        files.devices().init(used(cdev, CdevLayout.SIZE), operations);
    }
    @Override public int cdevAdd(long cdev, int dev, int count) {
        int result = files.devices().add(used(cdev, CdevLayout.SIZE), dev, count);
        gaveBack(Kind.CDEV, cdev);
        took(Kind.CDEV, result < 0 ? 0 : cdev, 0);
        return result;
    }
    @Override public void cdevDel(long cdev) {
        files.devices().delete(used(cdev, CdevLayout.SIZE));
        gaveBack(Kind.CDEV, cdev);
    }
    @Override public long classCreate(String name) {
        base.context().mightSleep("class_create", BEFORE);
        return took(Kind.CLASS, files.devices().classes().createClass(name), 0);
    }
    @Override public void classDestroy(long cls) {
        files.devices().classes().destroyClass(cls);
        gaveBack(Kind.CLASS, cls);
    }
    @Override public long deviceCreate(long cls, long parent, int dev, long driverData, String name) {
        base.context().mightSleep("device_create", BEFORE);
        return took(Kind.CLASS_DEVICE, Math.max(0,
                files.devices().classes().create(cls, parent, dev, driverData, ClassDevices.OWNER_ONLY, name)), 0);
    }
    @Override public void deviceDestroy(long cls, int dev) {
        deviceUnregister(files.devices().classes().find(cls, dev));
    }
    @Override public void deviceUnregister(long device) {
        files.devices().classes().destroy(device);
        gaveBack(Kind.CLASS_DEVICE, device);
    }
    @Override public long devGetDrvdata(long device) { return files.devices().classes().driverData(device); }
    @Override public void devSetDrvdata(long device, long data) {
        files.devices().classes().setDriverData(device, data);
    }
    @Override public int miscRegister(long misc) {
        base.context().mightSleep("misc_register", BEFORE);
        int result = files.devices().misc().register(used(misc, MiscDeviceLayout.SIZE));
        took(Kind.MISC_DEVICE, result < 0 ? 0 : misc, 0);
        return result;
    }
    @Override public void miscDeregister(long misc) {
        files.devices().misc().deregister(used(misc, MiscDeviceLayout.SIZE));
        gaveBack(Kind.MISC_DEVICE, misc);
    }
    @Override public void getRandomBytes(long to, int bytes) { files.random().fill(used(to, bytes), bytes); }

    @Override public int deviceCreateFile(long device, long attribute) {
        base.context().mightSleep("device_create_file", BEFORE);
        return files.devices().classes().attributes().create(device, used(attribute, DeviceAttributeLayout.SIZE));
    }
    @Override public void deviceRemoveFile(long device, long attribute) {
        base.context().mightSleep("device_remove_file", BEFORE);
        files.devices().classes().attributes().remove(device, used(attribute, DeviceAttributeLayout.SIZE));
    }
    @Override public int sysfsEmit(long page, String text) { return files.devices().classes().emit(page, text); }

    // ---- /proc and seq_file ----

    private long tookProc(long entry, String name) {
        took(Kind.PROC_FILE, entry == 0 ? 0 : base.strings().intern(name), 0);
        return entry;
    }

    @Override public long procCreate(String name, int mode, long operations) {
        return procCreateData(name, mode, operations, 0);
    }
    @Override public long procCreateData(String name, int mode, long operations, long data) {
        base.context().mightSleep("proc_create_data", BEFORE);
        return tookProc(files.proc().entries().create(name, mode, operations, data), name);
    }
    @Override public long procCreateSeqData(String name, int mode, long operations, long data) {
        base.context().mightSleep("proc_create_seq_data", BEFORE);
        return tookProc(files.proc().entries().createSeq(name, mode, operations, data), name);
    }
    @Override public long procCreateSingleData(String name, int mode, long show, long data) {
        base.context().mightSleep("proc_create_single_data", BEFORE);
        return tookProc(files.proc().entries().createSingle(name, mode, show, data), name);
    }
    @Override public void removeProcEntry(String name) {
        base.context().mightSleep("remove_proc_entry", BEFORE);
        files.proc().entries().remove(name);
        gaveBack(Kind.PROC_FILE, base.strings().intern(name));
    }
    @Override public int seqOpen(long file, long operations) { return files.seqFiles().open(file, operations); }
    @Override public int singleOpen(long file, long show, long data) {
        return files.seqFiles().openSingle(file, show, data);
    }
    @Override public int seqRead(long file, long to, int count, long position) {
        return files.seqFiles().read(file, to, count, position);
    }
    @Override public long seqLseek(long file, long offset, int whence) {
        return files.seqFiles().lseek(file, offset, whence);
    }
    @Override public int seqRelease(long file) { return files.seqFiles().release(file); }
    @Override public int singleRelease(long file) { return files.seqFiles().release(file); }
    @Override public void seqPrintf(long seq, String message) { files.seqFiles().puts(seq, message); }
    @Override public void seqPuts(long seq, String text) { files.seqFiles().puts(seq, text); }
    @Override public void seqEscape(long seq, String text, String escaped) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(each -> out.append(escaped.indexOf(each) < 0 ? Character.toString(each)
                : "\\" + each / 64 % 8 + each / 8 % 8 + each % 8));
        seqPuts(seq, out.toString());
    }
    @Override public void seqPutc(long seq, int character) {
        files.seqFiles().puts(seq, Character.toString(character));
    }
    @Override public int seqWrite(long seq, long from, int bytes) {
        return files.seqFiles().write(seq, used(from, bytes), bytes);
    }

    // ---- wake-ups ----

    private long waitQueue(long queue) {
        return checkedRecord(queue, WaitQueueLayout.SIZE, 0);
    }

    @Override public void wakeUpSync(long queue) { queues.wakeUp(waitQueue(queue)); }
    @Override public void wakeUpInterruptible(long queue) { wakeUpInterruptibleNr(queue, 1); }
    @Override public void wakeUpInterruptibleNr(long queue, int exclusive) {
        queues.wakeUpNr(waitQueue(queue), exclusive, TaskLayout.INTERRUPTIBLE);
    }
    @Override public void wakeUpInterruptibleAll(long queue) { wakeUpInterruptibleNr(queue, Integer.MAX_VALUE); }
    @Override public void wakeUpInterruptibleSync(long queue) { wakeUpInterruptibleNr(queue, 1); }

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
        files.polling().pollWait(queue == 0 ? 0 : waitQueue(queue), table);
    }
    @Override public int fasyncHelper(int descriptor, long file, boolean on, long fapp) {
        base.context().mightSleep("fasync_helper", BEFORE);
        return files.fasync().helper(descriptor, file, on, used(fapp, WORD));
    }
    @Override public void killFasync(long fapp, int signal, int band) { files.fasync().kill(used(fapp, WORD), signal); }
    @Override public int nonseekableOpen(long file) { return files.llseek().nonseekableOpen(file); }

    // ---- asynchronous I/O ----

    @Override public boolean isSyncKiocb(long iocb) {
        return files.programs().aio().isSync(used(iocb, KiocbLayout.SIZE));
    }
    @Override public void aioComplete(long iocb, long result, long result2) {
        files.programs().aio().complete(iocb, result, result2);
    }
    @Override public void kiocbSetCancelFn(long iocb, long cancel) {
        files.programs().aio().setCancel(used(iocb, KiocbLayout.SIZE), cancel);
    }
    @Override public int doSyncRead(long file, long to, int count, long position) {
        base.context().mightSleep("do_sync_read", BEFORE);
        return files.programs().aio().syncRead(file, to, count, position);
    }
    @Override public int doSyncWrite(long file, long from, int count, long position) {
        base.context().mightSleep("do_sync_write", BEFORE);
        return files.programs().aio().syncWrite(file, from, count, position);
    }
}
