// The upstream of the evaluation benchmark in a process of its own: answers OpenAI-shaped after 50 ms and tells how often it was asked.
import { startCountingUpstream } from '../../test/evaluation/counting-upstream.ts';

const upstream = await startCountingUpstream(Number(process.argv[2] ?? 50));
process.send?.({ url: upstream.url });
process.on('message', () => process.send?.({ total: upstream.total() }));
process.on('disconnect', () => process.exit(0));
