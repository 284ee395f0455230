package ferrite.debugport;

import ferrite.hardware.monitor.Monitor;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.socket.SocketChannel;
import java.util.concurrent.Executor;

/**
 * Handler of new connections: it counts each one and lays out its pipeline.
 *
 * <pre>
 *   TokenGate         only with a token; replaced, after the right token, by
 *   ProtocolChooser   replaced, after the client's first bytes, by the handler of its protocol
 *   LastResort        closes a connection after any failure
 * </pre>
 */
@ChannelHandler.Sharable
final class Connections extends ChannelInitializer<SocketChannel> {

    static final int MAX_CONNECTIONS = 16;

    private final String token;
    private final Monitor monitor;
    private final MachinePrompt prompt;
    private final Executor machine;
    private final ChannelGroup leaving;
    private int open; // counted only by the port's one thread

    /**
     * Creates a handler.
     *
     * @param prompt  the machine's prompt, or null
     * @param leaving receives the attached clients that were sent BYE
     */
    Connections(String token, Monitor monitor, MachinePrompt prompt, Executor machine, ChannelGroup leaving) {
        this.token = token;
        this.monitor = monitor;
        this.prompt = prompt;
        this.machine = machine;
        this.leaving = leaving;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
        open++;
        channel.closeFuture().addListener(closed -> open--);
        if (open > 2 * MAX_CONNECTIONS) {
            channel.close(); // too many for even a sentence to each
            return;
        }
        channel.pipeline().addLast(firstHandler(), new LastResort());
    }

    private ChannelHandler firstHandler() {
        if (open > MAX_CONNECTIONS) {
            return new Farewell(Protocol.TEXT.refusal(null, "the debug port serves at most " + MAX_CONNECTIONS
                    + " clients at once, and has as many; end one of them and try again"));
        }
        ProtocolChooser chooser = new ProtocolChooser(monitor,
                () -> new AttachHandler(prompt, machine, leaving), machine);
        return token == null ? chooser : new TokenGate(token, chooser);
    }
}
