package org.example.parrot;

import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.driver.Driver;
import ferrite.kernel.driver.KernelCalls;
import ferrite.kernel.fs.FileOperations;

/** A parrot that gives the copy engine physical addresses, which are not mapped for it. */
final class CarelessParrot implements Driver, FileOperations {

    private KernelCalls kernel;
    private long operations;

    @Override
    public String name() {
        return "parrot";
    }

    @Override
    public void link(KernelCalls theKernel, TextTable.Module text) {
        kernel = theKernel;
        operations = text.add("parrot_operations", this);
    }

    @Override
    public int init() {
        return kernel.cdevAdd("parrot", operations, 0);
    }

    @Override
    public int write(long file, long from, int count, long position) {
        long words = kernel.kzalloc(count, Gfp.GFP_KERNEL);
        long heard = kernel.kzalloc(count, Gfp.GFP_KERNEL);
        kernel.copyFromUser(heard, from, count);
        kernel.dmaRequestChan();
        kernel.dmaMemcpy(kernel.virtToPhys(words), kernel.virtToPhys(heard), count);
        kernel.kfree(heard);
        kernel.kfree(words);
        return count;
    }
}
