package ferrite.kernel.fs;

import ferrite.hardware.devicetree.DeviceTreeNode;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserMemory;

/** The kernel's own files of {@code /proc} about memory, tasks and files. */
record KernelProcFiles(KernelBase base, TaskSystem tasks, MemoryManager mm, UserMemory user, Files files,
        DeviceTreeNode machine) {

    void addTo(ProcFiles proc) {
        proc.add(new BuddyInfo(mm.zones()));
        proc.add(new ZoneInfo(mm.zones(), mm.pages().pageSets(), mm.kmalloc(), base.harts()));
        proc.add(new PageTypeInfo(mm.zones()));
        proc.add(new MemInfo(mm.zones(), mm.kmalloc(), mm.vmalloc(), mm.perCpu(), mm.stacks()));
        proc.add(new SlabInfo(mm.caches().view()));
        proc.add(new VmallocInfo(mm.vmalloc().view()));
        proc.addOfTasks("stat", new PidStat(base, tasks, user, mm.pages()));
        proc.addOfTasks("status", new PidStatus(base, tasks, user, mm.pages()));
        proc.addOfTasks("maps", new PidMaps(base, tasks, user, mm.pages(), files.rootFs()));
        proc.add(new SoftirqsFile(base, tasks));
        proc.add(new LoadAvg(base, tasks));
        proc.add(new Uptime(base, tasks));
        proc.add(new DevicesFile(files.devices()));
        proc.add(new MiscFile(files.devices().misc()));
        proc.add(new VersionFile());
        proc.add(new CpuInfo(machine, base.harts()));
        files.regions().showIn(proc, RootLayout.MEMBLOCK.at(base.root()));
    }
}
