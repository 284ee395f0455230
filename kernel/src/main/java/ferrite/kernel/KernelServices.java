package ferrite.kernel;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskServices;
import ferrite.kernel.vm.FileReferences;

/** Memory and files for the task system, and files for address spaces. */
final class KernelServices implements TaskServices, FileReferences {

    private final Kernel kernel;

    KernelServices(Kernel kernel) {
        this.kernel = kernel;
    }

    @Override
    public void makeRecordCache(int bytes) {
        kernel.mm().addStaticCache(MemoryManager.StaticCache.TASK_STRUCT, "task_struct", bytes);
    }

    @Override
    public long allocRecord() {
        return kernel.mm().caches().objects().alloc(cache(), Gfp.GFP_KERNEL | Gfp.__GFP_ZERO);
    }

    @Override
    public void freeRecord(long task) {
        kernel.mm().caches().objects().free(cache(), task);
    }

    @Override
    public long allocStack() {
        return kernel.mm().stacks().alloc();
    }

    @Override
    public void freeStack(long stack) {
        kernel.mm().stacks().free(stack);
    }

    private long cache() {
        return RootLayout.TASK_CACHE.get(kernel.base().memory(), kernel.base().root());
    }

    @Override
    public String explainFault(String cause, long va) {
        return kernel.mm().faults().explain(cause, va);
    }

    @Override
    public void releaseAll() {
        kernel.files().closeAll();
        kernel.programs().release();
    }

    @Override
    public void get(long file) {
        kernel.files().get(file);
    }

    @Override
    public void put(long file) {
        kernel.files().put(file);
    }
}
