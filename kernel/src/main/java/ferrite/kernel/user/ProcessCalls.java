package ferrite.kernel.user;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.fs.PathWalk;

/** System calls that make, change and end programs. */
final class ProcessCalls {

    private final UserServices services;
    private final KernelMemory memory;
    private final Programs programs;
    private final UserArguments arguments;

    ProcessCalls(UserServices services, Programs programs, UserArguments arguments) {
        this.services = services;
        this.memory = services.memory();
        this.programs = programs;
        this.arguments = arguments;
    }

    void addTo(SystemCalls calls) {
        calls.add(93, x -> SystemCall.EXIT | x.argument(0) & 0xff);
        calls.add(94, x -> SystemCall.EXIT | x.argument(0) & 0xff);
        calls.add(96, this::setTidAddress);
        calls.add(99, x -> 0);                         // robust locks are for threads
        calls.add(124, x -> SystemCall.YIELD);
        calls.add(172, x -> pid());
        calls.add(173, x -> parent());
        calls.add(178, x -> pid());
        calls.add(220, programs.fork()::clone);
        calls.add(221, this::execve);
    }

    private int pid() {
        return TaskLayout.PID.get(memory, services.cpu().tp());
    }

    private int parent() {
        long parent = TaskLayout.PARENT.get(memory, services.cpu().tp());
        return parent == 0 ? 0 : TaskLayout.PID.get(memory, parent);
    }

    private long setTidAddress(Registers x) {
        ProcessLayout.CLEAR_CHILD_TID.set(memory, services.process(), x.pointer(0));
        return pid();
    }

    private long execve(Registers x) {
        try {
            PathWalk.End file = arguments.path(UserArguments.AT_FDCWD, x.pointer(0), true);
            programs.exec().replace(arguments.text(x.pointer(0)), file,
                    arguments.strings(x.pointer(1), Exec.MAX_ARGUMENTS),
                    arguments.strings(x.pointer(2), Exec.MAX_ARGUMENTS));
        } catch (UserArguments.Bad bad) {
            return bad.result();
        } catch (Exec.Failed failed) {
            return -failed.errno();
        }
        x.load(memory, ProcessLayout.REGS.at(services.process()));
        return SystemCall.REGISTERS_SET;
    }
}
