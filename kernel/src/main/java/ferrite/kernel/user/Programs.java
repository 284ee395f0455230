package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.irq.Interrupts;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Programs of machine code: how they begin and end. */
public final class Programs {

    private final UserServices services;
    private final KernelMemory memory;
    private final Exec exec;
    private final Fork fork;
    private final long entry;

    public Programs(UserServices services, Interrupts interrupts) {
        this.services = services;
        this.memory = services.memory();
        SignalDelivery signals = new SignalDelivery(services);
        this.exec = new Exec(services, this, signals);
        this.fork = new Fork(services, this);
        TextTable.Module module = services.base().text().newModule();
        this.entry = module.add("user_mode",
                new UserMode(services, interrupts, new SystemCalls(services, this, signals), signals));
    }

    /** A program that could not be executed. */
    public static final class NotExecuted extends Exception {

        private static final long serialVersionUID = 1;

        NotExecuted(String why) {
            super(why, null, false, false);
        }
    }

    /**
     * {@code execve} for a command of the shell: makes its task one that executes a program, with the files that it has
     * open. The task begins with it when its entry function returns {@code AGAIN}. Task context; may sleep.
     *
     * @param path        the path of the program, from the root
     * @param arguments   its arguments, beginning with its name
     * @param environment its environment, {@code NAME=VALUE}
     * @throws NotExecuted if the program cannot be executed; nothing has changed then
     */
    public void execute(String path, List<String> arguments, List<String> environment) throws NotExecuted {
        try {
            exec.replace(path, services.files().tree().walk("/", path, true), bytes(arguments), bytes(environment));
        } catch (Exec.Failed failed) {
            throw new NotExecuted(failed.getMessage());
        }
        TaskLayout.ENTRY.set(memory, services.cpu().tp(), entry);
    }

    private static List<byte[]> bytes(List<String> words) {
        return words.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toList();
    }

    /** Ends the current task's program, if it executes one. The files are closed. Task context; may sleep. */
    public void release() {
        services.files().programs().aio().exit();
        long task = services.cpu().tp();
        long process = TaskLayout.PROCESS.get(memory, task);
        if (process != 0) {
            long tid = ProcessLayout.CLEAR_CHILD_TID.get(memory, process);
            if (tid != 0) {
                services.space().memory().put32(tid, 0);
            }
            services.tasks().tasks().children().endProgram();
            free(process);
        }
        long mm = services.space().spaces().use(0);
        if (mm != 0) {
            services.space().spaces().put(mm);
        }
    }

    Exec exec() {
        return exec;
    }

    Fork fork() {
        return fork;
    }

    /** The text address of the entry function of programs' tasks. */
    long entry() {
        return entry;
    }

    /** Frees a program's record. */
    void free(long process) {
        services.mm().kmalloc().kfree(ProcessLayout.EXE.get(memory, process));
        services.mm().kmalloc().kfree(ProcessLayout.CWD.get(memory, process));
        services.mm().kmalloc().kfree(process);
    }
}
