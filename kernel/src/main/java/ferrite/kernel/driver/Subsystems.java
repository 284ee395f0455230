package ferrite.kernel.driver;

import ferrite.kernel.dma.DmaLayer;
import ferrite.kernel.fs.Files;
import ferrite.kernel.irq.Interrupts;
import ferrite.kernel.mm.MemoryManager;
import ferrite.kernel.net.Net;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.vm.UserSpace;
import ferrite.kernel.work.WorkQueues;

/** The floors of the kernel below its drivers. */
public record Subsystems(TaskSystem tasks, WorkQueues work, MemoryManager memory, UserSpace userSpace,
        Interrupts interrupts, DmaLayer dma, Files files, Net net) { }
