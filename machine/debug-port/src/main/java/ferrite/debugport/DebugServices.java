package ferrite.debugport;

import ferrite.debugport.http.WebPages;
import ferrite.hardware.debug.DebugTarget;
import ferrite.hardware.monitor.Monitor;
import java.util.concurrent.Executor;

/**
 * What a debug port offers its clients.
 *
 * @param monitor the commands
 * @param prompt  the prompt for attaching clients, or null
 * @param pages   the pages for HTTP clients, or null
 * @param target  the machine for GDB, or null if it is not served
 * @param machine runs its tasks in order, on the thread that holds the machine's turn; throws
 *                {@link java.util.concurrent.RejectedExecutionException} if it never will
 */
public record DebugServices(Monitor monitor, MachinePrompt prompt, WebPages pages, DebugTarget target,
        Executor machine) {

    /** Offers the monitor alone. */
    public static DebugServices of(Monitor monitor, Executor machine) {
        return new DebugServices(monitor, null, null, null, machine);
    }
}
